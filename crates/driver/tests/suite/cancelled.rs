//! Callers that go away while an acquisition is in flight: by cancellation, and by a panic of their own.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::mpsc::{self, Receiver};
use std::task::{Context, Waker};
use std::time::Duration;

use edge_oauth_driver::testing::block_on;
use edge_oauth_driver::{Options, blocking, nonblocking};
use edge_oauth_no_io::{AccessToken, Event, TokenError};

use crate::stage::{Stage, config, tasks_with, threads};

type Caller = Pin<Box<dyn Future<Output = Result<AccessToken, TokenError>> + Send>>;

/// A source and what it tells of its acquisitions.
fn source(stage: &Stage) -> (nonblocking::TokenSource<Stage>, Receiver<Event>) {
    let (event, events) = mpsc::channel();
    let options = Options::default().on_event(move |happened| drop(event.send(happened.clone())));
    (tasks_with(stage, config(), options), events)
}

/// A caller that waits for the response.
fn begun(source: &nonblocking::TokenSource<Stage>) -> Caller {
    let source = source.clone();
    let mut caller: Caller = Box::pin(async move { source.token().await });
    let mut context = Context::from_waker(Waker::noop());
    assert!(caller.as_mut().poll(&mut context).is_pending());
    caller
}

/// The task of this caller panics between two polls.
fn drop_in_a_panic(caller: Caller) {
    let unwound = catch_unwind(AssertUnwindSafe(move || {
        let _caller = caller;
        panic!("as scripted: the task's own")
    }));
    assert!(unwound.is_err());
}

const WAYS: [fn(Caller); 2] = [drop, drop_in_a_panic];

fn failed(events: &Receiver<Event>) -> bool {
    events
        .try_iter()
        .any(|event| matches!(event, Event::Failed { .. }))
}

// fault: panic-of-a-caller-taken-for-the-transports
#[test]
fn caller_that_goes_away_during_a_request_in_line_leaves_it_to_the_next() {
    for go_away in WAYS {
        // A task that was dropped unrun, so this caller runs the request itself.
        let stage = Stage::new([]).without_runtime().closed();
        let (source, events) = source(&stage);
        let leader = begun(&source);
        assert_eq!(stage.requests(), 1);
        let waiting: Vec<_> = (0..10).map(|_| begun(&source)).collect();
        stage.run_tasks();
        stage.clock().advance(Duration::from_secs(1));
        go_away(leader);
        stage.open();
        for caller in waiting {
            assert_eq!(block_on(caller).unwrap().expose(), "t2");
        }
        assert_eq!(stage.requests(), 2);
        assert!(!failed(&events), "a cancelled caller is no failure");
    }
}

// fault: panic-of-a-caller-taken-for-the-transports
#[test]
fn caller_that_goes_away_during_a_request_in_the_background_takes_nothing_with_it() {
    for go_away in WAYS {
        let stage = Stage::new([]).closed();
        let (source, events) = source(&stage);
        let leader = begun(&source);
        let waiting: Vec<_> = (0..10).map(|_| begun(&source)).collect();
        go_away(leader);
        stage.open();
        for caller in waiting {
            assert_eq!(block_on(caller).unwrap().expose(), "t1");
        }
        assert_eq!(stage.requests(), 1);
        assert!(!failed(&events));
    }
}

/// Asks for a token while its thread unwinds.
struct AsksInDrop(blocking::TokenSource<Stage>, mpsc::Sender<String>);

impl Drop for AsksInDrop {
    fn drop(&mut self) {
        let token = self.0.token();
        let text = token.map_or_else(|error| error.to_string(), |token| token.expose().to_owned());
        let _ = self.1.send(text);
    }
}

// fault: panic-of-a-caller-taken-for-the-transports
#[test]
fn thread_that_unwinds_gets_a_token_all_the_same() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    let (told, tokens) = mpsc::channel();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let _asks = AsksInDrop(source.clone(), told);
        panic!("as scripted: the thread's own")
    }));
    assert!(unwound.is_err());
    assert_eq!(tokens.recv().unwrap(), "t1");
    assert_eq!(source.token().unwrap().expose(), "t1");
    assert_eq!(stage.requests(), 1);
}
