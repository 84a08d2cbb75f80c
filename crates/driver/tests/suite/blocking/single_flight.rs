//! Many callers, and one request for all of them.

use std::thread;
use std::time::Duration;

use edge_oauth_driver::Options;

use crate::blocking::setup::{LIFE, callers};
use crate::stage::{Answer, Stage, config, threads, threads_with};

// fault: thousand-callers-without-a-token
#[test]
fn thousand_callers_without_a_cached_token_make_one_request() {
    let stage = Stage::new([]);
    let tokens = callers(&stage, 1000);
    assert!(tokens.iter().all(|token| token.as_deref() == Ok("t1")));
    assert_eq!(stage.requests(), 1);
}

// fault: request-fails, invalid-client
#[test]
fn thousand_callers_share_a_permanent_error() {
    let stage = Stage::new([Answer::Status(401, "", r#"{"error":"invalid_client"}"#)]);
    for outcome in callers(&stage, 1000) {
        assert_eq!(outcome.unwrap_err().code(), Some("invalid_client"));
    }
    assert_eq!(stage.requests(), 1);
}

// fault: expires-in-of-a-second
#[test]
fn thousand_callers_share_a_token_that_is_not_cached() {
    let stage = Stage::new([Answer::Token(0)]);
    assert!(
        callers(&stage, 1000)
            .iter()
            .all(|token| token.as_deref() == Ok("t1"))
    );
    assert_eq!(stage.requests(), 1);
}

// fault: transport-panics
#[test]
fn panic_in_the_transport_leaves_no_caller_waiting() {
    let stage = Stage::new([Answer::Panic]).closed();
    let source = threads_with(
        &stage,
        config(),
        Options::default().max_wait(Duration::ZERO),
    );
    thread::scope(|scope| {
        let leader = scope.spawn(|| source.token_within(LIFE));
        stage.until_requests(1);
        let waiter = scope.spawn(|| source.token_within(Duration::from_millis(1)));
        stage.until_waiting(1);
        stage.open();
        assert!(leader.join().is_err());
        let error = waiter.join().unwrap().unwrap_err();
        assert!(
            error.to_string().contains("the transport panicked"),
            "{error}"
        );
    });
    stage.clock().advance(Duration::from_secs(60));
    assert_eq!(source.token_within(LIFE).unwrap().expose(), "t2");
}

// fault: five-hundred-rejections, rejection-of-a-replaced-token, rejected-token
#[test]
fn five_hundred_rejections_of_one_token_cause_one_request() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    let token = source.token().unwrap();
    stage.clock().advance(Duration::from_secs(2));
    thread::scope(|scope| {
        for _ in 0..500 {
            scope.spawn(|| source.invalidate(&token));
        }
    });
    assert_eq!(source.token().unwrap().expose(), "t2");
    source.invalidate(&token);
    assert_eq!(source.token().unwrap().expose(), "t2");
    assert_eq!(stage.requests(), 2);
}

#[test]
fn token_that_was_not_cached_is_not_given_to_later_callers() {
    let stage = Stage::new([Answer::Token(0)]);
    let source = threads(&stage);
    assert_eq!(source.token().unwrap().expose(), "t1");
    assert!(source.token_within(Duration::ZERO).is_err());
    source.replace_config(config().to_builder().audience("another").build().unwrap());
    assert_eq!(source.token().unwrap().expose(), "t2");
}

#[test]
fn observer_that_panics_costs_no_token() {
    let stage = Stage::new([]);
    let options = Options::default().on_event(|_| panic!("as scripted"));
    let source = threads_with(&stage, config(), options);
    assert_eq!(source.token().unwrap().expose(), "t1");
    assert_eq!(source.token().unwrap().expose(), "t1");
}
