//! `try_token`: what is cached, without a wait, and a request in the background if one is due.

use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use edge_oauth_driver::{Options, blocking, nonblocking};
use edge_oauth_no_io::{AccessToken, Event};

use crate::stage::{Answer, Stage, config, tasks_with, threads_with};

const SECOND: Duration = Duration::from_secs(1);

/// A source for threads or for tasks.
enum Source {
    Threads(blocking::TokenSource<Stage>),
    Tasks(nonblocking::TokenSource<Stage>),
}

impl Source {
    fn both(make: impl Fn() -> Stage) -> [(Stage, Self, Receiver<Event>); 2] {
        let [threads, tasks] = [(); 2].map(|()| {
            let (event, events) = mpsc::channel();
            let options = Options::default().seed(7);
            let options = options.on_event(move |happened| drop(event.send(happened.clone())));
            (make(), options, events)
        });
        let (stage, options, events) = threads;
        let source = Self::Threads(threads_with(&stage, config(), options));
        let threads = (stage, source, events);
        let (stage, options, events) = tasks;
        let source = Self::Tasks(tasks_with(&stage, config(), options));
        [threads, (stage, source, events)]
    }

    fn try_token(&self) -> Option<AccessToken> {
        match self {
            Self::Threads(source) => source.try_token(),
            Self::Tasks(source) => source.try_token(),
        }
    }

    #[track_caller]
    fn expect(&self, name: Option<&str>) {
        for _ in 0..100 {
            let token = self.try_token();
            assert_eq!(token.as_ref().map(|token| token.expose()), name);
        }
    }
}

/// Blocks until the request in the background has an outcome.
fn outcome(events: &Receiver<Event>) -> Event {
    let is_outcome = |event: &Event| matches!(event, Event::Fetched { .. } | Event::Failed { .. });
    events.iter().find(is_outcome).unwrap()
}

#[test]
fn try_token_returns_what_is_cached_while_one_request_runs() {
    for (stage, source, events) in Source::both(|| Stage::new([]).closed()) {
        source.expect(None);
        stage.until_requests(1);
        source.expect(None);
        stage.open();
        outcome(&events);
        source.expect(Some("t1"));
        assert_eq!(stage.requests(), 1);

        for (old, new) in [("t1", "t2"), ("t2", "t3")] {
            stage.close();
            stage.clock().advance(860 * SECOND);
            source.expect(Some(old));
            stage.until_requests(new[1..].parse().unwrap());
            source.expect(Some(old));
            stage.open();
            outcome(&events);
            source.expect(Some(new));
        }
        assert_eq!(stage.requests(), 3, "one for each lifetime");
    }
}

#[test]
fn try_token_hands_out_no_expired_token() {
    for (stage, source, events) in Source::both(|| Stage::new([])) {
        source.expect_eventually("t1", &events);
        stage.close();
        stage.clock().advance(870 * SECOND);
        source.expect(None);
        stage.until_requests(2);
        stage.open();
        outcome(&events);
        source.expect(Some("t2"));
    }
}

#[test]
fn try_token_sends_nothing_during_a_backoff() {
    let answers = [
        Answer::Status(401, "", r#"{"error":"invalid_client"}"#),
        Answer::Status(503, "retry-after: 60", ""),
    ];
    for (stage, source, events) in Source::both(|| Stage::new(answers)) {
        assert!(source.try_token().is_none());
        assert!(matches!(outcome(&events), Event::Failed { .. }));
        source.expect(None);
        assert_eq!(stage.requests(), 1);
        stage.clock().advance(11 * SECOND);
        assert!(source.try_token().is_none());
        assert!(matches!(outcome(&events), Event::Failed { .. }));
        stage.clock().advance(59 * SECOND);
        source.expect(None);
        assert_eq!(stage.requests(), 2);
        stage.clock().advance(8 * SECOND);
        source.expect_eventually("t3", &events);
    }
}

// fault: every-caller-only-looks
#[test]
fn try_token_without_a_runtime_is_none_until_there_is_one() {
    for (stage, source, events) in Source::both(|| Stage::new([]).without_runtime()) {
        for _ in 0..3 {
            source.expect(None);
            stage.clock().advance(2 * SECOND);
        }
        assert_eq!(stage.requests(), 0);
        let lost = events
            .try_iter()
            .filter(|event| matches!(event, Event::Cancelled));
        assert_eq!(lost.count(), 3, "one in a second at most");
        stage.run_tasks();
        source.expect_eventually("t1", &events);
        assert_eq!(stage.requests(), 1);
    }
}

impl Source {
    /// Starts a request, and expects its token.
    #[track_caller]
    fn expect_eventually(&self, name: &str, events: &Receiver<Event>) {
        assert!(self.try_token().is_none());
        outcome(events);
        self.expect(Some(name));
    }
}
