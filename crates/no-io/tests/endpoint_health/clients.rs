//! Errors of one client, and what the others get of them.

use std::time::Duration;

use edge_oauth_no_io::{Caller, Completion, Step, TransportError, TransportErrorKind};

use crate::common::response;
use crate::pool::Pool;

// fault: error-of-one-client-is-not-of-the-endpoint
#[test]
fn error_of_one_client_holds_no_other_client_back() {
    let invalid = || response(401, &[], r#"{"error":"invalid_client"}"#);
    let certificate = TransportErrorKind::ClientCertificate;
    let certificate = || Completion::Failed(TransportError::new(certificate, "expired"));
    let of_transport = |kind| Completion::Failed(TransportError::new(kind, "not this way"));
    let errors: [&dyn Fn() -> Completion; 9] = [
        &invalid,
        &certificate,
        &|| response(302, &[], ""),
        &|| response(404, &[], "{}"),
        &|| response(403, &[], ""),
        &|| of_transport(TransportErrorKind::Redirect),
        &|| of_transport(TransportErrorKind::Certificate),
        &|| of_transport(TransportErrorKind::Tls),
        &|| of_transport(TransportErrorKind::Proxy),
    ];
    for (number, error) in errors.into_iter().enumerate() {
        let mut pool = Pool::new(3);
        pool.run(0, error());
        pool.run(1, error());
        assert!(pool.is_admitted(2), "error {number}");
    }
    // Nor do transient errors of a single one, such as those of its own proxy, or its own rate limit.
    let mut pool = Pool::new(2);
    for _ in 0..10 {
        pool.run(0, response(429, &[], ""));
        pool.pass(60_000);
    }
    assert!(pool.is_admitted(1));
}

// fault: failing-endpoint-is-asked-by-all
#[test]
fn caller_that_is_held_back_gets_the_error_of_the_endpoint_without_the_words_to_another_client() {
    let mut pool = Pool::new(3);
    let words = r#"{"error":"server_error","error_description":"client a is locked"}"#;
    pool.run(0, response(500, &[], words));
    pool.run(1, response(500, &[], words));
    let mut caller = Caller::new().max_wait(pool.now, Duration::from_millis(100));
    let Step::Fail(error) = pool.poll_for(2, &mut caller) else {
        panic!("the caller has no time to wait for the next probe");
    };
    assert_eq!(error.status().unwrap(), 500);
    assert_eq!(error.code(), Some("server_error"));
    assert!(error.is_transient() && !error.to_string().contains("client a"));
    let Step::Wait { at_most, because } = pool.poll(2) else {
        panic!("a caller with time waits");
    };
    assert!(at_most >= Duration::from_secs(1) && because.is_some());
    // A code of the server's own is words too.
    let mut pool = Pool::new(3);
    let words = r#"{"error":"client a is locked"}"#;
    (0..2).for_each(|member| pool.run(member, response(500, &[], words)));
    let Step::Wait { because, .. } = pool.poll(2) else {
        panic!("a caller with time waits");
    };
    assert_eq!(because.unwrap().code(), None);
}

#[test]
fn wait_that_a_failing_server_asks_for_is_of_all_clients_up_to_a_minute() {
    let next = |status, wait: &str| {
        let mut pool = Pool::new(100);
        let headers = [("retry-after", wait)];
        (0..2).for_each(|member| pool.run(member, response(status, &headers, "")));
        (2..100).find(|member| {
            pool.pass(1000);
            pool.is_admitted(*member)
        })
    };
    assert_eq!(
        next(503, "20").map(|member| (20..24).contains(&(member - 1))),
        Some(true)
    );
    assert_eq!(
        next(503, "3600").map(|member| (60..68).contains(&(member - 1))),
        Some(true)
    );
    // A limit of one client.
    assert!(next(429, "3600").unwrap() <= 3);
}

// fault: wait-of-another-client-in-an-error
#[test]
fn caller_that_is_held_back_is_told_the_time_until_the_next_probe() {
    for (status, wait, least) in [(429, "3600", 1), (503, "20", 20), (503, "3600", 60)] {
        let mut pool = Pool::new(3);
        let headers = [("retry-after", wait)];
        (0..2).for_each(|member| pool.run(member, response(status, &headers, "")));
        let mut caller = Caller::new().max_wait(pool.now, Duration::from_millis(100));
        let Step::Fail(error) = pool.poll_for(2, &mut caller) else {
            panic!("the caller has no time to wait for the next probe");
        };
        let told = error.retry_after().unwrap().wait(pool.now.wall);
        assert!(
            (least..=least + 7).contains(&told.as_secs()),
            "{status}: {told:?}"
        );
    }
}
