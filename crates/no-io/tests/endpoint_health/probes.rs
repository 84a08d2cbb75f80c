//! The probes of an endpoint that fails.

use edge_oauth_no_io::{Caller, Step};

use crate::common::{leave, token};
use crate::pool::{Pool, at};
use crate::process::refused;

// fault: failing-endpoint-is-asked-by-all
#[test]
fn caller_that_asks_for_a_refresh_is_not_held_back() {
    let mut pool = Pool::new(3);
    (0..2).for_each(|member| pool.run(member, refused()));
    assert!(!pool.is_admitted(2));
    let step = pool.poll_for(2, &mut Caller::new().refresh());
    let Step::Send(acquisition) = step else {
        panic!("not Send: {step:?}")
    };
    pool.finish(2, acquisition, token("t", 900));
    assert!(matches!(pool.poll(2), Step::Use(_)));
    pool.pass(600);
    assert!(pool.is_admitted(0), "the endpoint is back");
}

// fault: hung-requests-end-after-the-outage
#[test]
fn failure_of_a_request_that_left_before_the_endpoint_was_back_is_no_news() {
    let mut pool = Pool::new(4);
    let mut hung = Vec::new();
    for member in 0..2 {
        let Step::Send(mut acquisition) = pool.poll(member) else {
            panic!("the endpoint is healthy")
        };
        leave(&mut acquisition, pool.now);
        hung.push((member, acquisition));
    }
    pool.pass(5000);
    pool.run(2, token("t", 900));
    (0..2).for_each(|member| pool.members[member].1.now = pool.now);
    for (member, acquisition) in hung {
        pool.end(member, acquisition, refused());
    }
    assert!(pool.is_admitted(3));
}

/// A probe whose thread or task is gone.
#[test]
fn probe_that_does_not_come_back_is_followed_by_another() {
    let mut pool = Pool::new(4);
    (0..2).for_each(|member| pool.run(member, refused()));
    pool.pass(1600);
    let Step::Send(_lost) = pool.poll(2) else {
        panic!("the probe is due")
    };
    assert!(!pool.is_admitted(3));
    pool.pass(5000);
    assert!(pool.is_admitted(3));
}

#[test]
fn endpoints_of_two_origins_fail_apart() {
    let mut pool = Pool::new(3);
    (0..2).for_each(|member| pool.run(member, refused()));
    let keeper = &mut pool.members[2].1.keeper;
    keeper.replace_config(at("https://LOGIN.example/tenants/2/token"));
    assert!(!pool.is_admitted(2));
    let keeper = &mut pool.members[2].1.keeper;
    keeper.replace_config(at("https://login.example:8443/token"));
    assert!(pool.is_admitted(2));
}

#[test]
fn endpoint_that_fails_is_known_among_three_thousand() {
    let mut pool = Pool::new(3);
    for number in 0..3000 {
        let endpoint = at(&format!("https://{number}.example/token"));
        let fails = number % 100 == 99;
        for member in 0..3 {
            let keeper = &mut pool.members[member].1.keeper;
            keeper.replace_config(endpoint.clone());
        }
        for member in 0..2 {
            let completion = if fails { refused() } else { token("t", 900) };
            pool.run(member, completion);
        }
        assert_eq!(pool.is_admitted(2), !fails);
        pool.pass(1000);
        assert!(format!("{:?}", pool.health).len() < 45, "{:?}", pool.health);
    }
}

// fault: refresh-delays-the-probe-of-others
#[test]
fn refreshes_that_fail_without_end_do_not_keep_others_from_probing() {
    let mut pool = Pool::new(3);
    (0..2).for_each(|member| pool.run(member, refused()));
    let admitted = (0..10).find(|_| {
        pool.pass(500);
        let step = pool.poll_for(0, &mut Caller::new().refresh());
        let Step::Send(acquisition) = step else {
            panic!("not Send: {step:?}")
        };
        pool.finish(0, acquisition, refused());
        pool.is_admitted(2)
    });
    assert!(
        admitted.is_some_and(|half_seconds| half_seconds < 4),
        "{admitted:?}"
    );
}

// fault: failure-of-last-night-holds-back-the-morning
#[test]
fn endpoint_that_was_not_asked_for_minutes_is_asked_by_all() {
    let mut pool = Pool::new(10);
    (0..2).for_each(|member| pool.run(member, refused()));
    pool.pass(8 * 3_600_000);
    let admitted = (2..10).filter(|member| pool.is_admitted(*member));
    assert_eq!(admitted.count(), 8);
}

// fault: failure-of-last-night-holds-back-the-morning
#[test]
fn failure_before_an_outage_that_is_over_is_no_reason_for_the_next() {
    let mut pool = Pool::new(4);
    (0..2).for_each(|member| pool.run(member, refused()));
    // Callers that ask for a refresh take no turns.
    let refresh = |pool: &mut Pool| {
        let step = pool.poll_for(1, &mut Caller::new().refresh());
        let Step::Send(acquisition) = step else {
            panic!("not Send: {step:?}")
        };
        pool.finish(1, acquisition, refused());
    };
    for _ in 0..3 {
        pool.pass(30_000);
        refresh(&mut pool);
    }
    assert!(pool.is_admitted(2), "the outage is over");
    refresh(&mut pool);
    assert!(pool.is_admitted(3), "one keeper failed since");
}
