//! The lifetime of a token and its margin.

use std::time::Duration;

use edge_oauth_no_io::{Event, Policy, Step};
use http::Response;

use crate::setup::{DEAD, LIFE, World};

// fault: first-nanosecond-of-the-margin
#[test]
fn margin_begins_at_its_first_nanosecond() {
    let nanosecond = Duration::from_nanos(1);
    let dead = Duration::from_secs(DEAD);
    let mut world = World::holding(LIFE);
    let (_, exchange) = world.pass_exactly(dead - nanosecond).refresh();
    world.cancel(exchange.ticket);
    drop(world.pass_exactly(nanosecond).send());
    drop(World::holding(LIFE).pass_exactly(dead + nanosecond).send());
}

#[test]
fn margin_is_at_most_a_tenth_of_the_lifetime() {
    let mut world = World::holding(100);
    world.pass(89);
    assert!(matches!(world.poll(), Step::Refresh { .. }));
    world.pass(1);
    assert!(
        matches!(world.poll(), Step::Wait { because: None, .. }),
        "the refresh is joined"
    );
}

// fault: slow-token-response
#[test]
fn lifetime_counts_from_the_request() {
    let mut world = World::new();
    let exchange = world.send();
    world.pass(50);
    world.answer(exchange.ticket, 60).unwrap().unwrap();
    world.pass(3);
    assert!(matches!(world.poll(), Step::Refresh { .. }));
    world.pass(1);
    assert!(
        matches!(world.poll(), Step::Wait { .. }),
        "a tenth of 60 s before its end, counted from the request"
    );
}

// fault: tokens-expired-on-arrival, expires-in-of-a-second
#[test]
fn tokens_expired_on_arrival_cause_at_most_one_request_a_second() {
    for life in [0, 1] {
        let mut world = World::new();
        let begin = world.now.monotonic;
        let mut requests = 0_u32;
        for _ in 0..36_000 {
            world.pass_exactly(Duration::from_millis(100));
            if let Step::Send(acquisition) = world.poll() {
                let exchange = world.leave(acquisition);
                requests += 1;
                world.pass_exactly(Duration::from_millis(950));
                let token = world.answer(exchange.ticket, life).unwrap();
                assert!(
                    token.unwrap().expose().starts_with('t'),
                    "those who waited get it"
                );
                assert!(
                    matches!(world.poll(), Step::Wait { because: None, .. }),
                    "it is not kept"
                );
            }
        }
        let passed = (world.now.monotonic - begin).as_secs() as u32;
        assert!(
            requests > 1000 && requests <= passed + 1,
            "{requests} in {passed} s"
        );
    }
}

// fault: thirty-years
#[test]
fn thirty_years_pass_with_one_token_after_another() {
    let mut world = World::holding(86_400);
    let mut tokens = 0;
    for _hour in 0..30 * 365 * 24 {
        world.pass(3600);
        match world.poll() {
            Step::Use(_) => {}
            Step::Refresh { acquisition, .. } => {
                let exchange = world.leave(acquisition);
                tokens += 1;
                world.answer(exchange.ticket, 86_400).unwrap().unwrap();
            }
            other => panic!("a caller had to wait: {other:?}"),
        }
    }
    assert!((10_000..14_000).contains(&tokens), "{tokens}");
}

// fault: expires-in-of-a-second, slow-token-response
#[test]
fn token_expired_on_arrival_is_not_cached() {
    for (life, took) in [(1, 0), (60, 54), (60, 100)] {
        let mut world = World::with(Policy::default().timeout(Duration::from_secs(200)), 7);
        let exchange = world.send();
        world
            .pass(took)
            .answer(exchange.ticket, life)
            .unwrap()
            .unwrap();
        assert!(matches!(
            world.events()[..],
            [Event::Fetched { cached: false, .. }]
        ));
        assert!(world.keeper.snapshot().is_none());
    }
}

// fault: default-lifetime-out-of-range, missing-expires-in
#[test]
fn absent_lifetime_is_the_default_one() {
    for (assumed, dead_after) in [
        (Duration::from_secs(500), 470),
        (Duration::ZERO, 1),
        (Duration::MAX, u64::MAX),
    ] {
        let mut world = World::with(Policy::default().default_lifetime(assumed), 1);
        let exchange = world.send();
        let token = r#"{"access_token":"t"}"#;
        world
            .respond(exchange.ticket, Response::new(token))
            .unwrap()
            .unwrap();
        if dead_after < u64::MAX {
            drop(world.pass(dead_after).send());
        } else {
            world.pass(3 * 365 * 24 * 60 * 60).token();
        }
    }
}
