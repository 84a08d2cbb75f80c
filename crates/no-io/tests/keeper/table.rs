//! The table of `Keeper::poll`, row by row.

use std::time::Duration;

use edge_oauth_no_io::Step;

use crate::setup::{DEAD, DUE, LIFE, World};

#[test]
fn poll_returns_the_step_of_each_row_of_the_table() {
    // fresh: idle, in flight, backing off
    let mut world = World::holding(LIFE);
    world.token();
    // A fresh token with a flight or a backoff: only a rejected or late ticket leads there.
    let mut world = World::new();
    let first = world.send();
    world.pass(12).poll_lapsed();
    let second = world.send();
    world.answer(first.ticket, LIFE).unwrap().unwrap();
    world.token();
    world.fault(second.ticket);
    world.token();

    // due: idle, in flight, backing off
    let mut world = World::holding(LIFE);
    world.pass(DUE);
    let (_, exchange) = world.refresh();
    world.token();
    world.fault(exchange.ticket);
    world.token();

    // no token: idle, in flight, backing off after a fault, backing off after an error response
    let mut world = World::new();
    let exchange = world.send();
    assert!(world.wait().1.is_none());
    world.fault(exchange.ticket);
    assert!(world.wait().1.is_some());
    world.pass(1);
    let exchange = world.send();
    world.refuse(exchange.ticket);
    assert!(!world.fail().is_transient());
}

// fault: token-expires-during-its-refresh
#[test]
fn callers_join_a_refresh_in_flight_at_the_expiry() {
    let mut world = World::holding(LIFE);
    world.pass(DEAD - 1);
    let (_, exchange) = world.refresh();
    world.pass(1);
    assert!(world.wait().1.is_none());
    world.answer(exchange.ticket, LIFE);
    world.token();
}

#[test]
fn requests_that_are_all_lost_are_spaced_out() {
    let mut world = World::new();
    let mut requests = 0;
    for _ in 0..10_000 {
        world.pass_exactly(Duration::from_millis(1));
        if let Step::Send(acquisition) = world.poll() {
            let exchange = world.leave(acquisition);
            requests += 1;
            world.cancel(exchange.ticket);
        }
    }
    assert!((10..=20).contains(&requests), "{requests} in 10 s");
}

#[test]
fn is_fetching_from_the_request_to_its_outcome() {
    let mut world = World::new();
    assert!(!world.keeper.is_fetching());
    assert_eq!(world.keeper.poll_timeout(), None, "nobody has polled");
    let exchange = world.send();
    assert!(world.keeper.is_fetching());
    world.answer(exchange.ticket, LIFE);
    assert!(!world.keeper.is_fetching());
}

#[test]
fn poll_timeout_is_the_time_of_the_next_step() {
    let stored = World::holding(LIFE).export();
    let mut world = World::new();
    let _ = world.send();
    assert!(world.keeper.restore(&stored, world.now));
    let timeout = world.keeper.poll_timeout().unwrap();
    let due = timeout - world.now.monotonic;
    assert!(
        due >= Duration::from_secs(800),
        "nothing is done when the ticket lapses"
    );
    world.pass_exactly(due - Duration::from_nanos(1)).token();
    let _ = world.pass_exactly(Duration::from_nanos(1)).refresh();
}
