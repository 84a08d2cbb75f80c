//! The numbers of a policy.

use std::time::Duration;

use edge_oauth_no_io::{Policy, Step};

use crate::setup::{LIFE, World};

#[test]
fn setter_of_a_policy_changes_its_own_number() {
    let setters: [fn(Policy) -> Policy; 8] = [
        |policy| policy.expiry_margin(Duration::from_secs(7)),
        |policy| policy.refresh_between(20..=30),
        |policy| policy.first_refresh_from(15),
        |policy| policy.default_lifetime(Duration::from_secs(7)),
        |policy| policy.timeout(Duration::from_secs(7)),
        |policy| policy.backoff(Duration::from_secs(7), Duration::from_secs(8)),
        |policy| policy.permanent_backoff(Duration::from_secs(7), Duration::from_secs(8)),
        |policy| policy.max_retry_after(Duration::from_secs(7)),
    ];
    let set = |policy, setter: &fn(Policy) -> Policy| setter(policy);
    let all = setters.iter().fold(Policy::default(), set);
    assert_eq!(setters.iter().rev().fold(Policy::default(), set), all);
    for left_out in 0..setters.len() {
        let mut others = setters.to_vec();
        others.remove(left_out);
        assert_ne!(others.iter().fold(Policy::default(), set), all);
    }
}

// fault: margin-larger-than-the-lifetime
#[test]
fn any_policy_makes_no_loop() {
    for policy in [
        Policy::default().expiry_margin(Duration::MAX),
        Policy::default()
            .expiry_margin(Duration::ZERO)
            .refresh_between(0..=0)
            .first_refresh_from(0),
        Policy::default()
            .refresh_between(255..=255)
            .permanent_backoff(Duration::ZERO, Duration::ZERO),
        Policy::default()
            .timeout(Duration::ZERO)
            .default_lifetime(Duration::ZERO),
        Policy::default()
            .timeout(Duration::MAX)
            .default_lifetime(Duration::MAX),
    ] {
        let mut world = World::with(policy, 5);
        let mut requests = 0;
        for _ in 0..3600 {
            world.pass(1);
            if let Step::Send(acquisition) | Step::Refresh { acquisition, .. } = world.poll() {
                let exchange = world.leave(acquisition);
                requests += 1;
                world.answer(exchange.ticket, LIFE);
            }
        }
        assert!(requests <= 40, "{requests}");
    }
}
