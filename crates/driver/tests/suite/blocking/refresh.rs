//! The refresh of a cached token.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use edge_oauth_driver::Options;
use edge_oauth_no_io::{Event, TransportErrorKind};

use crate::blocking::setup::{DUE, LIFE};
use crate::stage::{Answer, Stage, config, threads, threads_with};

// fault: sleep-and-set-back-between-two-calls
#[test]
fn sleep_that_a_set_back_hides_is_seen_by_a_clock_that_counts_suspend() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    assert_eq!(source.token().unwrap().expose(), "t1");
    stage.clock().advance(LIFE);
    stage.clock().set_back(LIFE);
    assert_eq!(source.token().unwrap().expose(), "t2");
}

// fault: token-expires-during-its-refresh
// Promise 1
#[test]
fn refresh_runs_in_the_background_and_is_joined_at_the_expiry() {
    let stage = Stage::new([]);
    let source = threads(&stage);
    assert_eq!(source.token().unwrap().expose(), "t1");

    stage.close();
    stage.clock().advance(DUE);
    for _ in 0..100 {
        assert_eq!(
            source.token().unwrap().expose(),
            "t1",
            "the answer is still kept back"
        );
    }
    stage.until_requests(2);
    stage.clock().advance(Duration::from_secs(4));
    thread::scope(|scope| {
        let late = scope.spawn(|| source.token());
        stage.until_waiting(1);
        stage.open();
        assert_eq!(late.join().unwrap().unwrap().expose(), "t2");
    });
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
    let source = threads_with(&stage, config(), options);
    source.token().unwrap();
    stage.clock().advance(DUE);
    assert_eq!(source.token().unwrap().expose(), "t1");
    let failed = events
        .iter()
        .find(|event| matches!(event, Event::Failed { .. }));
    assert!(matches!(failed, Some(Event::Failed { serving: true, .. })));
    for _ in 0..100 {
        assert_eq!(source.token().unwrap().expose(), "t1");
    }
    assert_eq!(stage.requests(), 2, "there is a pause, as after any fault");
}

#[test]
fn stored_token_is_used_by_the_next_run() {
    let stage = Stage::new([]);
    let first = threads(&stage);
    first.token().unwrap();
    let stored = first.export().unwrap();
    let second = threads(&stage);
    assert!(second.restore(&stored));
    assert_eq!(second.token().unwrap().expose(), "t1");
    assert_eq!(stage.requests(), 1);
}
