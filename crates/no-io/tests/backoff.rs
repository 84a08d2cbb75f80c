//! Waits that the server asks for: bounded by the policy, and spread.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use edge_oauth_no_io::{Caller, MAX_WAIT, Policy, Step, TokenError};

use common::{START, World};

/// Returns the error and the wait of a keeper with this policy and seed after a 429 with these headers.
fn wait(policy: Policy, seed: u64, headers: &[(&str, &str)]) -> (TokenError, Duration) {
    let mut world = World::with(policy, seed);
    let acquisition = world.send();
    let error = world.respond(acquisition, 429, headers);
    let wait = world.wait_of(&mut Caller::new());
    // Nothing is sent a nanosecond earlier.
    world.pass_exactly(wait - Duration::from_nanos(1));
    assert!(matches!(world.poll(), Step::Wait { .. }));
    world.pass_exactly(Duration::from_nanos(1));
    drop(world.send());
    (error, wait)
}

fn reset_at(time: u64) -> Vec<(&'static str, String)> {
    let remaining = "0".to_owned();
    vec![
        ("x-ratelimit-remaining", remaining),
        ("x-ratelimit-reset", time.to_string()),
    ]
}

fn borrowed<'a>(headers: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    let borrow = |(name, value): &'a (&'static str, String)| (*name, value.as_str());
    headers.iter().map(borrow).collect()
}

// fault: reset-time-of-a-fleet
#[test]
fn clients_with_one_reset_time_come_back_at_different_times() {
    let reset = Duration::from_secs(600);
    for headers in [
        reset_at(START.wall.as_secs() + 600),
        vec![("retry-after", "600".to_owned())],
        vec![(
            "auth0-client-quota-limit",
            "b=per_hour;q=10;r=0;t=600".to_owned(),
        )],
    ] {
        let mut waits = BTreeSet::new();
        for seed in 0..5 {
            let (_, wait) = wait(Policy::default(), seed, &borrowed(&headers));
            assert!((reset..=reset * 11 / 10).contains(&wait), "{wait:?}");
            waits.insert(wait);
        }
        assert_eq!(waits.len(), 5, "{waits:?}");
        let distances = waits.iter().zip(waits.iter().skip(1));
        for (earlier, later) in distances {
            assert!(*later - *earlier > Duration::from_millis(100), "{waits:?}");
        }
    }
}

// fault: wait-longer-than-the-policy
#[test]
fn wait_is_cut_to_that_of_the_policy() {
    let longest = Duration::from_secs(120);
    for (policy, asked, least) in [
        (
            Policy::default().max_retry_after(longest),
            60,
            Duration::from_secs(60),
        ),
        (Policy::default().max_retry_after(longest), 120, longest),
        (Policy::default().max_retry_after(longest), 3600, longest),
        (Policy::default().max_retry_after(longest), 86_400, longest),
        // The policy itself is bounded at both ends.
        (
            Policy::default().max_retry_after(Duration::ZERO),
            3600,
            Duration::from_secs(1),
        ),
        (
            Policy::default().max_retry_after(Duration::MAX),
            86_400,
            MAX_WAIT,
        ),
    ] {
        let asked = asked.to_string();
        let (error, wait) = wait(policy, 7, &[("retry-after", &asked)]);
        assert!(
            (least..=least * 11 / 10).contains(&wait),
            "{wait:?} after {asked}"
        );
        // The error says what the server asked for.
        let told = error.retry_after().unwrap().wait(START.wall);
        assert_eq!(told.as_secs().to_string(), asked);
    }
}

// fault: retry-after-beyond-a-day, reset-in-another-unit
#[test]
fn absurd_wait_is_ignored() {
    let now = START.wall.as_secs();
    for (headers, least) in [
        (reset_at((now + 600) * 1000), 600),
        (reset_at(now + 100_000), 0),
        (vec![("retry-after", "86401".to_owned())], 0),
        (
            vec![("retry-after", "99999999999999999999999".to_owned())],
            0,
        ),
    ] {
        let (_, wait) = wait(Policy::default(), 7, &borrowed(&headers));
        let least = Duration::from_secs(least).max(Duration::from_millis(50));
        let most = least.mul_f64(1.1).max(Duration::from_millis(500));
        assert!((least..=most).contains(&wait), "{wait:?} after {headers:?}");
    }
}

// fault: one-seed-after-a-fork
#[test]
fn keepers_of_one_state_come_back_apart_after_a_reseed() {
    let after_fork = |entropy: Option<u64>| {
        let mut world = World::with_token(900);
        if let Some(entropy) = entropy {
            world.keeper.reseed(entropy);
        }
        world.pass(870);
        let mut waits = Vec::new();
        for _ in 0..5 {
            let acquisition = world.send();
            world.respond(acquisition, 429, &[("retry-after", "600")]);
            let wait = world.wait_of(&mut Caller::new());
            waits.push(wait);
            world.pass_exactly(wait);
        }
        waits
    };
    assert_eq!(after_fork(None), after_fork(None), "one seed, one sequence");
    let each: BTreeSet<_> = [None, Some(0), Some(1), Some(2), Some(u64::MAX)]
        .into_iter()
        .flat_map(after_fork)
        .collect();
    assert_eq!(each.len(), 5 * 5, "{each:?}");
}
