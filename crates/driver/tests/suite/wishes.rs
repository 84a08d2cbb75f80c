//! Options of a call: a remaining lifetime, a new token, no wait.

use std::time::Duration;

use edge_oauth_driver::testing::{Clock, ScriptedTransport, block_on};
use edge_oauth_driver::{blocking, nonblocking};
use http::Response;

use crate::stage::{Answer, Stage, config, threads};

const SECOND: Duration = Duration::from_secs(1);

/// Refuses for a day the first time, and then has tokens of 900 s: `t2`, `t3` and so on.
fn busy_at_first(refuses: bool) -> ScriptedTransport {
    let mut count = 0;
    ScriptedTransport::new(move |_| {
        count += 1;
        let response = Response::builder();
        let response = match (count, refuses) {
            (1, true) => response.status(429).header("retry-after", "86400"),
            _ => response.status(200),
        };
        let body = format!(r#"{{"access_token":"t{count}","expires_in":900}}"#);
        Ok(response.body(body.into_bytes()).unwrap())
    })
}

/// One source for threads and one for tasks, behind the same calls.
struct Both {
    clock: Clock,
    threads: blocking::TokenSource<Clock>,
    tasks: nonblocking::TokenSource<Clock>,
}

impl Both {
    fn new(refuses: bool) -> Self {
        let clock = Clock::new();
        let threads = blocking::TokenSource::builder(config()).runtime(clock.clone());
        let tasks = nonblocking::Builder::new(config(), clock.clone());
        Self {
            threads: threads.build(busy_at_first(refuses)),
            tasks: tasks.build(busy_at_first(refuses)),
            clock,
        }
    }

    /// Makes both calls, which have to come to the same: a token, or a status.
    #[track_caller]
    fn expect(
        &self,
        by_thread: impl Fn(&blocking::TokenSource<Clock>) -> Outcome,
        by_task: impl AsyncFn(&nonblocking::TokenSource<Clock>) -> Outcome,
        expected: &str,
    ) {
        let name = |outcome: Outcome| match outcome {
            Ok(token) => token.expose().to_owned(),
            Err(error) => error
                .status()
                .map_or(error.to_string(), |status| status.to_string()),
        };
        assert_eq!(name(by_thread(&self.threads)), expected, "by a thread");
        assert_eq!(name(block_on(by_task(&self.tasks))), expected, "by a task");
    }

    #[track_caller]
    fn token(&self, expected: &str) {
        self.expect(
            |source| source.token(),
            async |source| source.token().await,
            expected,
        );
    }

    #[track_caller]
    fn token_valid_for(&self, seconds: u32, expected: &str) {
        let least = SECOND * seconds;
        self.expect(
            |source| source.token_valid_for(least),
            async |source| source.token_valid_for(least).await,
            expected,
        );
    }

    #[track_caller]
    fn refresh(&self, expected: &str) {
        self.expect(
            |source| source.refresh(),
            async |source| source.refresh().await,
            expected,
        );
    }
}

type Outcome = Result<edge_oauth_no_io::AccessToken, edge_oauth_no_io::TokenError>;

// fault: token-with-too-little-time-left
#[test]
fn call_with_a_remaining_lifetime_gets_a_new_token_if_the_cached_one_has_less() {
    let both = Both::new(false);
    both.token("t1");
    both.clock.advance(100 * SECOND);
    // 770 s until the margin.
    both.token_valid_for(770, "t1");
    both.token_valid_for(771, "t2");
    both.token("t2");
    // However long it is asked for, one request does.
    both.clock.advance(100 * SECOND);
    both.token_valid_for(u32::MAX, "t3");
    both.token("t3");
}

// fault: backoff-that-nothing-lifts
#[test]
fn refresh_or_new_configuration_sends_at_once_despite_a_retry_after() {
    let both = Both::new(true);
    both.token("429 Too Many Requests");
    both.token("429 Too Many Requests");
    both.refresh("t2");
    both.token("t2");
    both.clock.advance(SECOND);
    both.refresh("t3");
    both.token("t3");

    let both = Both::new(true);
    both.token("429 Too Many Requests");
    both.threads.replace_config(config());
    both.tasks.replace_config(config());
    both.token("t2");
}

// fault: a-runtime-that-drops-tasks
#[test]
fn thread_that_cannot_start_another_makes_the_request_itself() {
    // So little time that a request would be left to another thread.
    let stage = Stage::new([Answer::Status(503, "retry-after: 60", "")]).without_runtime();
    let source = threads(&stage);
    let error = source.token_within(SECOND).unwrap_err();
    assert_eq!(error.status().unwrap(), 503, "not a timeout");
    assert_eq!(stage.requests(), 1);

    stage.clock().advance(66 * SECOND);
    assert_eq!(source.token_within(SECOND).unwrap().expose(), "t2");
    // A refresh that is due is lost, and the next caller makes it.
    stage.clock().advance(866 * SECOND);
    assert_eq!(source.token_within(SECOND).unwrap().expose(), "t2");
    assert_eq!(source.token_within(SECOND).unwrap().expose(), "t3");
    assert_eq!(stage.requests(), 3);
}

#[test]
fn cached_token_or_none_is_returned_without_a_wait() {
    let stage = Stage::new([]).closed();
    let source = threads(&stage);
    assert!(source.try_token().is_none());
    assert!(source.try_token().is_none());
    stage.until_requests(1);
    stage.open();
    assert_eq!(source.token_within(900 * SECOND).unwrap().expose(), "t1");
    assert_eq!(source.try_token().unwrap().expose(), "t1");
    assert_eq!(stage.requests(), 1);
}
