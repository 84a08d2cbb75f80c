//! Errors of one client, and what the others get of them.

use std::time::Duration;

use edge_oauth_no_io::{
    Caller, Candidate, Completion, EndpointHealth, Keeper, Policy, Step, TransportError,
    TransportErrorKind,
};

use crate::common::{START, leave, response, token};
use crate::pool::{Pool, of_client};

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
    let mut caller = Caller::new().max_wait(Duration::from_millis(100), pool.now);
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
}

// fault: wait-of-another-client-in-an-error
#[test]
fn caller_that_is_held_back_is_told_the_time_until_the_next_probe() {
    for (status, wait, least) in [(429, "3600", 1), (503, "20", 20), (503, "3600", 60)] {
        let mut pool = Pool::new(4);
        let headers = [("retry-after", wait)];
        let failing = if status == 429 { 3 } else { 2 };
        (0..failing).for_each(|member| pool.run(member, response(status, &headers, "")));
        let mut caller = Caller::new().max_wait(Duration::from_millis(100), pool.now);
        let Step::Fail(error) = pool.poll_for(3, &mut caller) else {
            panic!("the caller has no time to wait for the next probe");
        };
        let told = error.retry_after().unwrap().wait(pool.now.wall);
        assert!(
            (least..=least + 7).contains(&told.as_secs()),
            "{status}: {told:?}"
        );
    }
}

/// A page of nginx, whose `ssl_verify_client` is on.
const NO_CERTIFICATE: &str =
    "<html><head><title>400 No required SSL certificate was sent</title></head></html>";

// fault: limit-of-one-client-holds-others-back
#[test]
fn responses_4xx_to_two_clients_hold_no_third_back() {
    let errors: [&dyn Fn() -> Completion; 5] = [
        &|| response(429, &[], ""),
        &|| response(429, &[("retry-after", "3600")], ""),
        &|| response(400, &[], NO_CERTIFICATE),
        &|| response(403, &[], "<html>blocked</html>"),
        &|| response(400, &[("retry-after", "5")], r#"{"error":"slow_down"}"#),
    ];
    for (number, error) in errors.into_iter().enumerate() {
        let mut pool = Pool::new(3);
        // Each source again, so that there are more failures than clients.
        for _ in 0..4 {
            for member in 0..2 {
                let step = pool.poll_for(member, &mut Caller::new().refresh());
                let Step::Send(acquisition) = step else {
                    panic!("not Send: {step:?}")
                };
                pool.finish(member, acquisition, error());
            }
            pool.pass(100);
        }
        assert!(pool.is_admitted(2), "error {number}");
    }
}

// fault: address-that-is-limited
#[test]
fn responses_4xx_to_three_clients_in_a_row_are_of_the_endpoint() {
    for error in [response(429, &[], ""), response(403, &[], "blocked")] {
        let mut pool = Pool::new(6);
        let Completion::Response(error) = error else {
            unreachable!("it is a response")
        };
        let error = || Completion::Response(error.clone());
        pool.run(0, error());
        pool.run(1, error());
        // Another client gets a token: the address is not the reason.
        pool.run(2, token("t", 900));
        pool.run(3, error());
        pool.run(4, error());
        assert!(pool.is_admitted(5));
    }
    let mut pool = Pool::new(5);
    (0..3).for_each(|member| pool.run(member, response(429, &[], "")));
    assert!(!pool.is_admitted(3));
    pool.pass(1600);
    assert!(pool.is_admitted(3) && !pool.is_admitted(4), "one at a time");
    // The failures of an hour ago are no reason.
    let mut pool = Pool::new(4);
    for member in 0..3 {
        pool.run(member, response(429, &[], ""));
        pool.pass(3_600_000);
    }
    assert!(pool.is_admitted(3));
}

// fault: limit-of-a-client-with-many-sources
#[test]
fn wait_of_a_429_binds_all_sources_of_its_client() {
    // Members 0, 2, 4 and 6 are of one client, and the others of another.
    let mut pool = Pool::with_clients(8, 2);
    pool.run(0, response(429, &[("retry-after", "300")], ""));
    let mut caller = Caller::new().max_wait(Duration::from_secs(30), pool.now);
    let Step::Fail(error) = pool.poll_for(2, &mut caller) else {
        panic!("the caller has no time to wait so long");
    };
    let told = error.retry_after().unwrap().wait(pool.now.wall);
    assert!((300..=330).contains(&told.as_secs()), "{told:?}");
    assert!(pool.is_admitted(1), "the other client goes on");
    pool.pass(299_000);
    assert!(!pool.is_admitted(4));
    // Neither longer than a source's own policy lets it wait ...
    let own = &mut pool.members[4].1;
    let policy = Policy::default().max_retry_after(Duration::from_secs(60));
    own.keeper = Keeper::new(own.keeper.config().clone(), policy, 7);
    pool.run(4, token("t", 900));
    // ... nor longer than until one of them gets a token.
    assert!(pool.is_admitted(6));
}

// fault: words-to-a-source-that-is-alone
#[test]
fn source_that_is_held_back_by_its_own_limit_keeps_the_words_of_the_server() {
    let words = r#"{"error":"quota_of_a","error_description":"100 tokens a day"}"#;
    let mut pool = Pool::with_clients(2, 1);
    pool.run(0, response(429, &[], words));
    // Its own backoff is over, and the wait of its client is not.
    pool.pass(600);
    for _ in 0..3 {
        let Step::Wait { because, .. } = pool.poll(0) else {
            panic!("its client waits for a second")
        };
        let error = because.unwrap();
        assert_eq!(error.code(), Some("quota_of_a"));
        assert!(error.to_string().contains("100 tokens a day"), "{error}");
        let Step::Wait { because, .. } = pool.poll(1) else {
            panic!("its client waits for a second")
        };
        let error = because.unwrap().to_string();
        assert!(
            !error.contains("100") && !error.contains("quota"),
            "{error}"
        );
        pool.pass(100);
    }
}

// fault: words-to-a-source-that-is-alone
#[test]
fn source_that_is_held_back_gets_no_words_that_differ_from_its_own() {
    let words = |code: &str, description: &str| {
        format!(r#"{{"error":"{code}","error_description":"{description}"}}"#)
    };
    let held = |own: (u16, &str, &str)| {
        let (status, code, description) = own;
        let mut pool = Pool::with_clients(2, 1);
        pool.run(1, response(status, &[], &words(code, description)));
        pool.pass(60_000);
        pool.run(0, response(429, &[], &words("quota", "100 a day")));
        let Step::Wait { because, .. } = pool.poll(1) else {
            panic!("its client waits for a second")
        };
        because.unwrap().code().map(str::to_owned)
    };
    assert_eq!(held((429, "quota", "100 a day")).as_deref(), Some("quota"));
    assert_eq!(held((503, "quota", "100 a day")), None);
    assert_eq!(held((429, "limit", "100 a day")), None);
    assert_eq!(held((429, "quota", "200 a day")), None);
}

// fault: a-fault-fixed-at-the-server
#[test]
fn new_configuration_lifts_the_wait_of_a_429() {
    let mut pool = Pool::with_clients(2, 1);
    let limited = || response(429, &[("retry-after", "3600")], "");
    pool.run(0, limited());
    pool.pass(100);
    for completion in [limited(), token("t", 900)] {
        let config = pool.members[0].1.keeper.config().clone();
        pool.members[0].1.keeper.replace_config(config);
        assert!(!pool.is_admitted(0), "one a second");
        pool.pass(2000);
        assert!(!pool.is_admitted(1), "its configuration is the old one");
        let Step::Send(acquisition) = pool.poll_for(0, &mut Caller::new()) else {
            panic!("the backoff is lifted")
        };
        pool.finish(0, acquisition, completion);
    }
}

// fault: limit-of-a-client-that-is-lifted
#[test]
fn source_that_is_held_back_sees_within_minutes_that_its_client_is_served() {
    let mut pool = Pool::with_clients(3, 1);
    pool.run(0, response(429, &[("retry-after", "3600")], ""));
    for _ in 0..3 {
        // The wait is longer than the caller has, so it is the caller's error now.
        let mut caller = Caller::new().max_wait(Duration::from_secs(1800), pool.now);
        let Step::Fail(error) = pool.poll_for(1, &mut caller) else {
            panic!("the limit of its client is in force")
        };
        let told = error.retry_after().unwrap().wait(pool.now.wall);
        assert!(told > Duration::from_secs(3000), "{told:?}");
        pool.pass(100_000);
    }
    assert!(!pool.is_admitted(1));
    // The limit is lifted, and a person lets one source ask.
    let Step::Send(acquisition) = pool.poll_for(2, &mut Caller::new().refresh()) else {
        panic!("a caller that asks for a refresh is admitted")
    };
    pool.finish(2, acquisition, token("t", 900));
    pool.pass(100_000);
    assert!(pool.is_admitted(1));
}

// fault: limit-of-a-client-with-many-sources
#[test]
fn attempts_that_show_nothing_do_not_lengthen_the_wait_of_a_client() {
    let mut pool = Pool::with_clients(3, 1);
    let short = Policy::default().max_retry_after(Duration::from_secs(1));
    let longer = Policy::default().max_retry_after(Duration::from_secs(60));
    for (member, policy) in [(1, short), (2, longer)] {
        let own = &mut pool.members[member].1;
        own.keeper = Keeper::new(own.keeper.config().clone(), policy, 7);
    }
    pool.run(0, response(429, &[("retry-after", "3600")], ""));
    let mut attempts = 0;
    for _ in 0..59 {
        pool.pass(1000);
        // Its caller gives up before there is a response.
        if let Step::Send(acquisition) = pool.poll(1) {
            attempts += 1;
            pool.lose(1, acquisition);
        }
    }
    assert!(attempts > 10, "{attempts}");
    pool.pass(2000);
    assert!(pool.is_admitted(2));
}

// fault: limit-of-a-client-with-many-sources
#[test]
fn sources_of_a_limited_client_ask_one_at_a_time() {
    let mut pool = Pool::with_clients(40, 2);
    pool.run(0, response(429, &[], ""));
    let mut requests = 0;
    for _ in 0..100 {
        pool.pass(100);
        for member in (2..40).step_by(2) {
            if let Step::Send(acquisition) = pool.poll(member) {
                requests += 1;
                pool.finish(member, acquisition, response(429, &[], ""));
            }
        }
    }
    assert!((5..=10).contains(&requests), "{requests} in ten seconds");
}

#[test]
fn error_of_the_configuration_holds_no_other_source_of_its_client_back() {
    for (error, is_admitted) in [
        (response(400, &[], ""), true),
        (response(403, &[], "blocked"), false),
    ] {
        let mut pool = Pool::with_clients(2, 1);
        pool.run(0, error);
        assert_eq!(pool.is_admitted(1), is_admitted);
    }
}

#[test]
fn clients_that_come_and_go_with_their_limits_are_forgotten() {
    let mut health = EndpointHealth::new(7);
    let member = health.join();
    let keeper = |number| Keeper::new(of_client(number).build().unwrap(), Policy::default(), 7);
    let limit = |health: &mut EndpointHealth, number, now| {
        // The last client is served, so the endpoint works.
        for (number, completion) in [
            (number, response(429, &[("retry-after", "10")], "")),
            (1000, token("t", 900)),
        ] {
            let Step::Send(mut acquisition) = keeper(number).poll(now) else {
                panic!("a keeper without a token asks")
            };
            leave(&mut acquisition, now);
            acquisition.handle(completion, now);
            health.note(member, &acquisition, now);
        }
    };
    let is_held = |health: &mut EndpointHealth, number, now| {
        let admit = |candidate: &Candidate<'_>| health.admit(candidate, now);
        let step = keeper(number).poll_among(&mut Caller::new(), now, admit);
        matches!(step, Step::Wait { .. })
    };
    for number in 0..257 {
        limit(&mut health, number, START);
    }
    assert!(is_held(&mut health, 255, START));
    assert!(!is_held(&mut health, 256, START), "no more are known");
    let later = START.after(Duration::from_secs(120));
    limit(&mut health, 257, later);
    assert!(is_held(&mut health, 257, later));
}
