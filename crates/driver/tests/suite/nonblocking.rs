//! Many tasks and one token. Futures are polled by hand, so that a test decides who comes first.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::stage::{Answer, Stage, config, tasks, tasks_with};
use edge_oauth_driver::nonblocking::{Builder, TokenSource};
use edge_oauth_driver::testing::{Clock, ScriptedTransport, block_on};
use edge_oauth_driver::{CallError, Options};
use edge_oauth_no_io::{
    AccessToken, Config, Event, Provider, Secret, TokenError, TransportErrorKind,
};
use http::{Request, Response};

type Caller = Pin<Box<dyn Future<Output = Result<AccessToken, TokenError>> + Send>>;

fn caller(source: &TokenSource<Stage>) -> Caller {
    let source = source.clone();
    Box::pin(async move { source.token().await })
}

fn poll(caller: &mut Caller) -> Poll<Result<AccessToken, TokenError>> {
    caller
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

fn names(callers: Vec<Caller>) -> Vec<String> {
    callers
        .into_iter()
        .map(|caller| block_on(caller).unwrap().expose().to_owned())
        .collect()
}

/// Callers that have all begun, none of which is served yet.
fn begun(source: &TokenSource<Stage>, count: usize) -> Vec<Caller> {
    let mut callers: Vec<_> = (0..count).map(|_| caller(source)).collect();
    assert!(callers.iter_mut().all(|caller| poll(caller).is_pending()));
    callers
}

// fault: thousand-callers-without-a-token
#[test]
fn thousand_callers_without_a_cached_token_make_one_request() {
    let stage = Stage::new([]).closed();
    let source = tasks(&stage);
    let callers = begun(&source, 1000);
    stage.open();
    assert!(names(callers).iter().all(|name| name == "t1"));
    assert_eq!(stage.requests(), 1);
}

// fault: caller-cancelled
#[test]
fn hundred_cancelled_callers_leave_none_without_a_token() {
    let stage = Stage::new([]).closed();
    let source = tasks(&stage);
    let mut callers = begun(&source, 1000);
    for _ in 0..100 {
        drop(callers.remove(0));
        assert!(callers.iter_mut().all(|caller| poll(caller).is_pending()));
    }
    stage.open();
    assert!(names(callers).iter().all(|name| name == "t1"));
    assert_eq!(stage.requests(), 1, "no caller takes the request with it");
}

// fault: all-callers-cancelled
#[test]
fn call_after_all_were_cancelled_gets_a_token() {
    let stage = Stage::new([]).closed();
    let source = tasks(&stage);
    drop(begun(&source, 10));
    stage.open();
    assert_eq!(block_on(source.token()).unwrap().expose(), "t1");
    assert_eq!(stage.requests(), 1);
}

// fault: transport-panics
#[test]
fn panic_in_the_transport_leaves_no_caller_waiting() {
    let stage = Stage::new([Answer::Panic]).closed();
    let (event, events) = mpsc::channel();
    let options =
        Options::default().on_event(move |happened| event.send(happened.clone()).unwrap());
    let source = tasks_with(&stage, config(), options);
    let callers = begun(&source, 2);
    stage.open();
    let failed = events.iter().find_map(|event| match event {
        Event::Failed { error, .. } => Some(error.to_string()),
        _ => None,
    });
    assert!(failed.unwrap().contains("the transport panicked"));
    stage.clock().advance(Duration::from_secs(5));
    assert_eq!(names(callers), ["t2", "t2"]);
}

// fault: runtime-drops-tasks
// fault: a-runtime-that-drops-tasks
#[test]
fn runtime_that_drops_tasks_costs_one_refresh() {
    let stage = Stage::new([]).without_runtime();
    let source = tasks(&stage);
    assert_eq!(block_on(source.token()).unwrap().expose(), "t1");
    stage.clock().advance(Duration::from_secs(800));
    assert_eq!(block_on(source.token()).unwrap().expose(), "t1");
    for _ in 0..10 {
        assert_eq!(
            block_on(source.token()).unwrap().expose(),
            "t2",
            "made in line"
        );
    }
    assert_eq!(stage.requests(), 2);
    drop(source);
    assert_eq!(stage.handles(), 1, "nothing holds the transport any more");
}

// fault: request-fails, invalid-client
#[test]
fn thousand_callers_share_a_permanent_error() {
    let stage = Stage::new([Answer::Status(400, "", r#"{"error":"invalid_scope"}"#)]).closed();
    let source = tasks(&stage);
    let callers = begun(&source, 1000);
    stage.open();
    for caller in callers {
        assert_eq!(block_on(caller).unwrap_err().code(), Some("invalid_scope"));
    }
    assert_eq!(stage.requests(), 1);
}

// fault: expires-in-of-a-second
#[test]
fn thousand_callers_share_a_token_that_is_not_cached() {
    let stage = Stage::new([Answer::Token(1)]).closed();
    let source = tasks(&stage);
    let callers = begun(&source, 1000);
    stage.clock().advance(Duration::from_secs(5));
    stage.open();
    assert!(names(callers).iter().all(|name| name == "t1"));
    assert_eq!(stage.requests(), 1);
}

// fault: token-expires-during-its-refresh
// Promise 1
#[test]
fn refresh_runs_in_the_background() {
    let stage = Stage::new([]);
    let source = tasks(&stage);
    assert_eq!(block_on(source.token()).unwrap().expose(), "t1");
    stage.close();
    stage.clock().advance(Duration::from_secs(866));
    for _ in 0..100 {
        let Poll::Ready(token) = poll(&mut caller(&source)) else {
            panic!("a caller waits")
        };
        assert_eq!(token.unwrap().expose(), "t1");
    }
    stage.until_requests(2);
    assert_eq!(stage.requests(), 2);

    // At the end of its life, callers join the refresh.
    stage.clock().advance(Duration::from_secs(4));
    let mut late = caller(&source);
    assert!(poll(&mut late).is_pending());
    stage.open();
    assert_eq!(block_on(late).unwrap().expose(), "t2");
    assert_eq!(stage.requests(), 2);
}

// fault: refresh-fails
#[test]
fn failed_refresh_leaves_the_token_in_use() {
    let fault = Answer::Fault(TransportErrorKind::Closed);
    let stage = Stage::new([Answer::Token(900), fault]);
    let (event, events) = mpsc::channel();
    let options =
        Options::default().on_event(move |happened| event.send(happened.clone()).unwrap());
    let source = tasks_with(&stage, config(), options);
    block_on(source.token()).unwrap();
    stage.clock().advance(Duration::from_secs(866));
    assert_eq!(block_on(source.token()).unwrap().expose(), "t1");
    let failed = events
        .iter()
        .find(|event| matches!(event, Event::Failed { .. }));
    assert!(matches!(failed, Some(Event::Failed { serving: true, .. })));
    for _ in 0..100 {
        assert_eq!(block_on(source.token()).unwrap().expose(), "t1");
    }
    assert_eq!(stage.requests(), 2, "there is a pause, as after any fault");
}

// fault: config-replaced-during-a-request
#[test]
fn secret_rotated_during_a_request_is_used_for_a_new_one() {
    let stage = Stage::new([]).closed();
    let source = tasks(&stage);
    let callers = begun(&source, 10);
    stage.until_requests(1);
    let rotated = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("rotated"))
        .build();
    source.replace_config(rotated.unwrap());
    stage.open();
    assert_eq!(names(callers), ["t2"; 10]);
    assert_eq!(stage.requests(), 2);
    assert!(stage.seen()[1].contains("client_secret=rotated"));
}

// fault: token-of-another-configuration-at-an-api
#[test]
fn token_of_a_configuration_that_came_meanwhile_goes_to_its_own_api_alone() {
    let other = Config::builder("https://login.example/token", "other")
        .client_secret(Secret::new("s3cret"))
        .provider(Provider::experience_edge());
    let other = other.build().unwrap();
    let request = Request::get("https://api.example/things");
    let request = request.body("").unwrap();
    let stage = Stage::new([]).closed();
    let source = tasks(&stage);
    let mut caller = Box::pin(source.send(&request));
    let mut context = Context::from_waker(Waker::noop());
    assert!(caller.as_mut().poll(&mut context).is_pending());
    stage.until_requests(1);
    source.replace_config(other.clone());
    stage.open();
    assert_eq!(block_on(caller).unwrap_err(), CallError::UrlNotAllowed);
    assert_eq!(stage.requests(), 2, "both are for a token");

    let stage = Stage::new([Answer::Token(900), Answer::Status(401, "", "")]);
    let source = tasks(&stage);
    block_on(source.token()).unwrap();
    stage.close();
    let mut caller = Box::pin(source.send(&request));
    assert!(caller.as_mut().poll(&mut context).is_pending());
    source.replace_config(other);
    stage.open();
    assert_eq!(block_on(caller).unwrap().status(), 401);
    assert_eq!(stage.requests(), 3, "one is for the API");
}

// fault: wait-longer-than-the-callers-time
#[test]
fn wait_longer_than_the_callers_time_is_an_error_at_once() {
    let stage = Stage::new([Answer::Status(429, "retry-after: 60", "")]);
    let source = tasks(&stage);
    for _ in 0..2 {
        let asked = source.token_within(Duration::from_secs(59));
        let wait = block_on(asked).unwrap_err().retry_after().unwrap();
        assert_eq!(wait.wait(Duration::ZERO), Duration::from_secs(60));
    }
    assert_eq!(stage.requests(), 1);
    stage.clock().advance(Duration::from_secs(66));
    assert_eq!(block_on(source.token()).unwrap().expose(), "t2");
}

// fault: spurious-polls
#[test]
fn spurious_polls_and_other_wakers_lose_nothing() {
    let stage = Stage::new([]).closed();
    let source = tasks(&stage);
    let mut callers = begun(&source, 3);
    for _ in 0..100 {
        assert!(callers.iter_mut().all(|caller| poll(caller).is_pending()));
    }
    stage.open();
    // Polled with no waker until now, each is finished by another.
    assert_eq!(names(callers), ["t1", "t1", "t1"]);
    assert_eq!(stage.requests(), 1);
}

#[test]
fn rejected_token_is_replaced_and_the_request_is_repeated_once() {
    let api = Answer::Status(200, "", "done");
    let refused = Answer::Status(401, "", "");
    let stage = Stage::new([Answer::Token(900), refused, Answer::Token(900), api]);
    let source = tasks(&stage);
    block_on(source.token()).unwrap();
    stage.clock().advance(Duration::from_secs(2));
    let request = Request::delete("https://api.example/cache")
        .body(Vec::new())
        .unwrap();
    assert_eq!(
        block_on(source.send(&request)).unwrap().body().as_ref(),
        b"done"
    );
    assert_eq!(stage.requests(), 4);
}

#[test]
fn wait_ends_by_the_clock() {
    let clock = Clock::manual();
    let mut first = true;
    let transport = ScriptedTransport::new(move |_| {
        if std::mem::take(&mut first) {
            return Ok(Response::builder()
                .status(429)
                .header("retry-after", "7")
                .body(Vec::new())
                .unwrap());
        }
        Ok(Response::new(br#"{"access_token":"abc"}"#.to_vec()))
    });
    let (event, failed) = mpsc::channel();
    let options = Options::default().seed(1).on_event(move |happened| {
        if matches!(happened, Event::Failed { .. }) {
            event.send(()).unwrap();
        }
    });
    let builder = Builder::new(config(), clock.clone());
    let source = builder.options(options).build(transport);
    let waiting = source.clone();
    let mut caller: Caller = Box::pin(async move { waiting.token().await });
    assert!(poll(&mut caller).is_pending());
    failed.recv().unwrap();
    assert!(poll(&mut caller).is_pending());
    clock.advance(Duration::from_secs(6));
    assert!(poll(&mut caller).is_pending());
    clock.advance(Duration::from_secs(2));
    assert_eq!(block_on(caller).unwrap().expose(), "abc");
}

#[test]
fn futures_of_a_source_are_send() {
    fn assert_send(_: impl Send) {}
    let source = tasks(&Stage::new([]));
    assert_send(source.token());
    assert_send(source.send(&Request::new(Vec::new())));
}

#[test]
fn header_value_is_of_the_token_in_use() {
    let source = tasks(&Stage::new([]));
    for _ in 0..4 {
        let value = block_on(source.authorization()).unwrap();
        assert!(value == "Bearer t1" && value.is_sensitive());
    }
}

#[test]
fn stored_token_is_restored_once() {
    let stage = Stage::new([]);
    let (first, second) = (tasks(&stage), tasks(&stage));
    block_on(first.token()).unwrap();
    let stored = first.export().unwrap();
    assert!(second.restore(&stored));
    assert!(!second.restore(&stored), "it is cached already");
    assert_eq!(block_on(second.token()).unwrap().expose(), "t1");
    assert_eq!(stage.requests(), 1);
}

#[test]
fn future_that_is_in_time_brings_its_value() {
    let source = tasks(&Stage::new([]));
    let second = Duration::from_secs(1);
    assert_eq!(block_on(source.within(async { 7 }, second)), Some(7));
}
