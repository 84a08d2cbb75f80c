//! Callers with little time.

use std::thread;
use std::time::Duration;

use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::testing::{Clock, ScriptedTransport};
use edge_oauth_no_io::TransportErrorKind;
use http::Response;

use crate::stage::{Answer, Stage, config, threads};

// fault: wait-longer-than-the-callers-time
#[test]
fn wait_longer_than_the_callers_time_is_an_error_at_once() {
    let stage = Stage::new([Answer::Status(429, "retry-after: 60", "")]);
    let source = threads(&stage);
    let error = source.token_within(Duration::from_secs(59)).unwrap_err();
    assert_eq!(
        error.retry_after().unwrap().wait(Duration::ZERO),
        Duration::from_secs(60)
    );
    assert_eq!(stage.requests(), 1);
    assert!(source.token_within(Duration::from_secs(59)).is_err());
    stage.clock().advance(Duration::from_secs(66));
    assert_eq!(source.token().unwrap().expose(), "t2");
}

#[test]
fn transient_faults_are_retried_within_the_deadline() {
    let clock = Clock::new();
    let mut answers = 0;
    let moving = clock.clone();
    let transport = ScriptedTransport::new(move |_| {
        answers += 1;
        moving.advance(Duration::from_secs(1));
        match answers {
            1 => Ok(Response::builder().status(503).body(Vec::new()).unwrap()),
            2 => Err(edge_oauth_no_io::TransportError::new(
                TransportErrorKind::Closed,
                "",
            )),
            _ => Ok(Response::new(br#"{"access_token":"abc"}"#.to_vec())),
        }
    });
    let source = TokenSource::builder(config())
        .runtime(clock)
        .build(transport);
    assert_eq!(source.token().unwrap().expose(), "abc");
}

// fault: stuck-request
#[test]
fn callers_without_time_left_get_an_error() {
    let stage = Stage::new([]).closed();
    let source = threads(&stage);
    thread::scope(|scope| {
        let leader = scope.spawn(|| source.token());
        stage.until_requests(1);
        let hasty = || source.token_within(Duration::ZERO);
        let others: Vec<_> = (0..99).map(|_| scope.spawn(hasty)).collect();
        for other in others {
            let error = other.join().unwrap().unwrap_err();
            assert!(error.to_string().contains("max_wait"), "{error}");
        }
        stage.open();
        assert_eq!(leader.join().unwrap().unwrap().expose(), "t1");
    });
    assert_eq!(stage.requests(), 1);
}

#[test]
fn caller_with_little_time_leaves_and_the_request_goes_on() {
    let stage = Stage::new([]).closed();
    let source = threads(&stage);
    for _ in 0..100 {
        let error = source.token_within(Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains("max_wait"), "{error}");
    }
    stage.until_requests(1);
    thread::scope(|scope| {
        let patient = scope.spawn(|| source.token());
        stage.until_waiting(1);
        stage.open();
        assert_eq!(patient.join().unwrap().unwrap().expose(), "t1");
    });
    assert_eq!(stage.requests(), 1);
}

#[test]
fn transport_with_a_shorter_timeout_makes_no_loop() {
    let stage = Stage::new([Answer::Fault(TransportErrorKind::Timeout)]);
    let source = threads(&stage);
    let error = source.token_within(Duration::from_millis(1)).unwrap_err();
    assert!(error.is_transient());
    assert_eq!(stage.requests(), 1, "there is a pause, as after any fault");
}
