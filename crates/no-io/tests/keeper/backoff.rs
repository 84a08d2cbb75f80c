//! Errors, and the time until the next attempt.

use std::time::Duration;

use edge_oauth_no_io::{Event, Policy, Step};

use crate::setup::{DEAD, DUE, LIFE, World};

#[test]
fn wrong_secret_causes_few_requests_in_an_hour() {
    let mut world = World::new();
    let mut requests = 0;
    for _ in 0..3600 {
        world.pass(1);
        match world.poll() {
            Step::Send(acquisition) => {
                let exchange = world.leave(acquisition);
                requests += 1;
                world.refuse(exchange.ticket);
            }
            Step::Fail(error) => assert_eq!(error.status().unwrap(), 401),
            other => panic!("{other:?}"),
        }
    }
    assert!((8..=20).contains(&requests), "{requests}");
}

// fault: invalid-client, request-fails
#[test]
fn permanent_error_reaches_all_callers_and_is_not_repeated_before_its_backoff() {
    let mut world = World::new();
    let mut pauses = Vec::new();
    for _ in 0..10 {
        let exchange = world.send();
        let error = world.refuse(exchange.ticket);
        for _ in 0..100 {
            assert_eq!(world.fail(), error);
        }
        let resumes = world.keeper.poll_timeout().unwrap();
        pauses.push(resumes - world.now.monotonic);
        world.pass_exactly(*pauses.last().unwrap() - Duration::from_nanos(1));
        world.fail();
        world.pass_exactly(Duration::from_nanos(1));
    }
    let within = |pause: &Duration, bound| (bound / 2..=bound).contains(&pause.as_secs());
    assert!(
        within(&pauses[0], 10) && within(&pauses[3], 80) && within(&pauses[9], 600),
        "{pauses:?}"
    );
}

// fault: backoff-out-of-range, transient-status
#[test]
fn backoffs_grow_and_are_never_zero() {
    let hot = Policy::default().backoff(Duration::ZERO, Duration::ZERO);
    for (policy, longest) in [(Policy::default(), 30), (hot, 1)] {
        let mut world = World::with(policy, 3);
        for _ in 0..50 {
            let exchange = world.send();
            world.fault(exchange.ticket);
            let (pause, because) = world.wait();
            assert!(because.unwrap().is_transient());
            assert!(
                pause >= Duration::from_millis(50) && pause.as_secs() <= longest,
                "{pause:?}"
            );
            world.pass_exactly(pause);
        }
    }
    let slow = Policy::default().backoff(Duration::MAX, Duration::MAX);
    let mut world = World::with(slow, 3);
    let exchange = world.send();
    world.fault(exchange.ticket);
    assert!(world.wait().0.as_secs() <= 24 * 60 * 60);
}

// fault: retry-after-in-seconds, malformed-retry-after, wait-longer-than-the-callers-time
#[test]
fn request_is_not_sent_before_the_retry_after_is_over() {
    let mut world = World::new();
    let exchange = world.send();
    world.status(exchange.ticket, 429, "7");
    let (at_most, because) = world.wait();
    assert!(at_most >= Duration::from_secs(7));
    assert_eq!(because.unwrap().status().unwrap(), 429);
    world.pass_exactly(at_most - Duration::from_nanos(1));
    world.wait();
    world.pass_exactly(Duration::from_nanos(1));
    let exchange = world.send();
    world.status(exchange.ticket, 401, "86400");
    world.pass(86_399).fail();
    drop(world.pass(8641).send());
}

// fault: retry-after-as-a-date
#[test]
fn retry_after_in_the_past_leaves_the_shortest_backoff() {
    for seed in 0..100 {
        let mut world = World::with(Policy::default(), seed);
        let exchange = world.send();
        let error = world.status(exchange.ticket, 429, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(error.retry_after().is_some());
        assert!(world.wait().0 >= Duration::from_millis(50));
    }
}

// fault: retry-after-while-a-token-is-cached
#[test]
fn cached_token_is_used_during_a_long_retry_after() {
    let mut world = World::holding(LIFE);
    world.pass(DUE);
    let (_, exchange) = world.refresh();
    world.status(exchange.ticket, 429, "86400");
    world.token();
    world.pass(DEAD - DUE - 1).token();
    let (at_most, because) = world.pass(1).wait();
    let asked = 86_400 - (DEAD - DUE);
    // Up to a tenth of the wait is added as jitter.
    assert!((asked..asked + 8640).contains(&at_most.as_secs()));
    assert_eq!(because.unwrap().status().unwrap(), 429);
}

#[test]
fn late_success_leaves_a_newer_retry_after_in_force() {
    let mut world = World::new();
    let first = world.send();
    world.pass(12);
    let second = world.send();
    world.status(second.ticket, 429, "3600");
    world.pass(2);
    world.answer(first.ticket, 1).unwrap().unwrap();
    assert_eq!(world.wait().1.unwrap().status().unwrap(), 429);
}

#[test]
fn backoff_is_reported_once_to_the_first_waiting_caller() {
    let mut world = World::new();
    let exchange = world.send();
    world.fault(exchange.ticket);
    assert_eq!(world.events().len(), 1, "the fault");
    world.wait();
    assert!(matches!(world.events()[..], [Event::Waiting { .. }]));
    world.wait();
    assert_eq!(world.events(), []);
}
