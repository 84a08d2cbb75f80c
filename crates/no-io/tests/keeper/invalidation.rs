//! Tokens that an API rejects.

use std::time::Duration;

use edge_oauth_no_io::{Event, Policy, Step};

use crate::setup::{LIFE, World};

// fault: five-hundred-rejections, rejection-of-a-replaced-token, rejected-token
#[test]
fn rejection_of_an_old_token_leaves_the_new_one() {
    let mut world = World::holding(LIFE);
    let old = world.pass(10).token();
    for _ in 0..500 {
        world.keeper.invalidate(&old.clone(), world.now);
    }
    let exchange = world.send();
    world.answer(exchange.ticket, LIFE);
    let new = world.token();
    world.keeper.invalidate(&old, world.now);
    assert_eq!(world.token().expose(), new.expose());
    assert_eq!(
        world
            .events()
            .iter()
            .filter(|event| matches!(event, Event::Invalidated { .. }))
            .count(),
        1
    );
}

#[test]
fn route_that_rejects_every_token_leaves_other_callers_a_token() {
    let mut world = World::new();
    let (mut requests, mut waited) = (0, 0);
    for tenth in 0..72_000_u32 {
        world.pass_exactly(Duration::from_millis(100));
        match world.poll() {
            Step::Send(acquisition) => {
                let exchange = world.leave(acquisition);
                requests += 1;
                world.answer(exchange.ticket, 86_400);
            }
            Step::Use(token) if tenth % 50 == 0 => world.keeper.invalidate(&token, world.now),
            Step::Wait { .. } => waited += 1,
            _ => {}
        }
    }
    assert!(requests < 30, "{requests} in two hours");
    assert!(waited < 30, "{waited} of 72000 callers waited");
}

#[test]
fn api_that_rejects_every_token_causes_few_requests() {
    let mut world = World::new();
    let mut requests = 0;
    for _ in 0..36_000 {
        world.pass_exactly(Duration::from_millis(100));
        match world.poll() {
            Step::Send(acquisition) => {
                let exchange = world.leave(acquisition);
                requests += 1;
                world.answer(exchange.ticket, LIFE);
            }
            Step::Use(token) => world.keeper.invalidate(&token, world.now),
            _ => {}
        }
    }
    assert!(requests < 20, "{requests} in an hour");
}

#[test]
fn second_rejected_token_is_dropped_after_an_interval() {
    let second = Duration::from_secs(2);
    let nanosecond = Duration::from_nanos(1);
    for (age, dropped) in [(second - nanosecond, false), (second, true)] {
        let mut world = World::holding(LIFE);
        world.rejects(true).pass(1);
        let exchange = world.send();
        world.answer(exchange.ticket, LIFE);
        world.pass_exactly(age).rejects(dropped);
    }
}

#[test]
fn rejections_count_anew_after_a_long_used_token() {
    let longest = Duration::from_secs(100);
    let policy = Policy::default().permanent_backoff(Duration::from_secs(1), longest);
    for (age, counts_anew) in [
        (2 * longest, false),
        (2 * longest + Duration::from_nanos(1), true),
        (3 * longest, true),
    ] {
        let mut world = World::with(policy.clone(), 7);
        for age in [Duration::ZERO, age] {
            world.pass(1);
            let exchange = world.send();
            world.answer(exchange.ticket, 10_000);
            world.pass_exactly(age).rejects(true);
        }
        world.pass(1);
        let exchange = world.send();
        world.answer(exchange.ticket, 10_000);
        // The next one is kept until it is 2 s old, or 4 s.
        world.pass(3).rejects(counts_anew);
    }
}
