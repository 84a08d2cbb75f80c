//! Acquisitions that end late, or not at all.

use std::time::Duration;

use edge_oauth_no_io::Event;

use crate::setup::{LIFE, World};

// fault: late-response
#[test]
fn late_response_replaces_no_newer_token() {
    let mut world = World::new();
    let first = world.send();
    world.pass(12);
    let second = world.send();
    world.answer(second.ticket, LIFE);
    let newer = world.token();
    world.pass(1);
    world.answer(first.ticket, 10 * LIFE).unwrap().unwrap();
    assert_eq!(world.token().expose(), newer.expose());

    let mut world = World::new();
    let first = world.send();
    world.pass(12);
    let second = world.send();
    world.refuse(first.ticket);
    assert!(
        world.wait().1.is_none(),
        "a late refusal says nothing of the second"
    );
    world.answer(second.ticket, LIFE);
    world.token();
}

#[test]
fn acquisition_without_an_outcome_lapses() {
    let mut world = World::new();
    let exchange = world.send();
    world.pass_exactly(exchange.timeout);
    let (grace, _) = world.wait();
    assert!(grace <= Duration::from_secs(1));
    world.pass_exactly(grace);
    drop(world.send());
    assert!(world.events().contains(&Event::Lapsed));
}

// fault: caller-cancelled, all-callers-cancelled
#[test]
fn cancelled_request_is_started_again_by_the_next_caller() {
    let mut world = World::new();
    for _ in 0..100 {
        let exchange = world.send();
        assert!(world.wait().1.is_none());
        world.cancel(exchange.ticket);
        world.pass(1);
    }
}

#[test]
fn late_failure_changes_nothing_for_the_newer_request() {
    let mut world = World::new();
    let first = world.send();
    let second = world.pass(12).send();
    world.events();
    world.fault(first.ticket);
    assert_eq!(world.events(), []);
    world.cancel(second.ticket);
    // The first lapsed and the second was cancelled: two in a row are spaced.
    let _ = world.pass_exactly(Duration::from_millis(50)).send();
}

// fault: late-response
#[test]
fn late_failure_of_the_newest_request_is_backed_off_from() {
    let mut world = World::new();
    let exchange = world.send();
    world.pass(12);
    // It lapses, and nobody starts another one.
    assert!(world.keeper.export(world.now).is_none());
    assert!(!world.keeper.is_fetching());
    world.events();
    world.refuse(exchange.ticket);
    assert!(matches!(world.events()[..], [Event::Failed { .. }]));
    world.fail();
}
