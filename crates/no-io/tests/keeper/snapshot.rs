//! Snapshots of the cached token.

use std::time::Duration;

use edge_oauth_no_io::{Moment, Step};

use crate::setup::{DUE, LIFE, World};

#[test]
fn snapshot_returns_the_token_that_poll_would() {
    let mut world = World::new();
    assert!(world.keeper.snapshot().is_none());
    let exchange = world.send();
    world.answer(exchange.ticket, LIFE);
    for _ in 0..4 * LIFE {
        world.pass(1);
        let snapshot = world
            .keeper
            .snapshot()
            .filter(|snapshot| snapshot.lasts(world.now));
        match (world.poll(), snapshot) {
            (Step::Use(token), Some(snapshot)) => assert!(token.is_same(snapshot.token())),
            (step, Some(_)) => panic!("the snapshot lasts, but {step:?}"),
            (Step::Refresh { acquisition, .. } | Step::Send(acquisition), None) => {
                let exchange = world.leave(acquisition);
                match world.now.wall.as_secs() % 3 {
                    0 => drop(world.answer(exchange.ticket, LIFE)),
                    1 => drop(world.fault(exchange.ticket)),
                    _ => {}
                }
            }
            (Step::Use(_), None) => {}
            (Step::Wait { .. } | Step::Fail(_), None) => {}
        }
    }
}

// Whichever clock ends the pause, the lease ends with it.
#[test]
fn snapshot_returns_the_token_that_poll_would_if_the_clocks_disagree() {
    let mut world = World::holding(LIFE);
    world.pass(DUE);
    world.now.wall -= Duration::from_secs(1000);
    let (_, exchange) = world.refresh();
    world.status(exchange.ticket, 503, "100");
    world.pass(1).now.wall += Duration::from_secs(110);
    assert!(!world.keeper.snapshot().unwrap().lasts(world.now));
    let _ = world.refresh();
}

#[test]
fn snapshot_lasts_until_poll_returns_another_step() {
    let mut world = World::holding(LIFE);
    world.pass(DUE);
    let (_, exchange) = world.refresh();
    world.status(exchange.ticket, 503, "100");
    let snapshot = world.keeper.snapshot().unwrap();
    assert!(snapshot.lasts(world.now.after(Duration::from_millis(99_999))));
    assert!(!snapshot.lasts(world.now.after(Duration::from_secs(110))));

    let mut world = World::new();
    let first = world.send();
    let second = world.pass(12).send();
    world.answer(first.ticket, LIFE).unwrap().unwrap();
    world.fault(second.ticket);
    let snapshot = world.keeper.snapshot().unwrap();
    assert!(
        snapshot.lasts(world.pass(300).now),
        "a backoff that is over before the refresh is due cuts no snapshot"
    );
}

#[test]
fn snapshot_ends_at_the_exact_time_of_either_clock() {
    let mut world = World::holding(LIFE);
    world.pass(DUE);
    let (_, exchange) = world.refresh();
    world.status(exchange.ticket, 503, "100");
    let snapshot = world.keeper.snapshot().unwrap();
    let end = world.keeper.poll_timeout().unwrap();
    let left = end - world.now.monotonic;
    let nano = Duration::from_nanos(1);
    let moment = |monotonic, wall| Moment {
        monotonic: world.now.monotonic + monotonic,
        wall: world.now.wall + wall,
    };
    assert!(snapshot.lasts(moment(left - nano, left - nano)));
    assert!(!snapshot.lasts(moment(left, left - nano)));
    assert!(!snapshot.lasts(moment(left - nano, left)));
}

#[test]
fn snapshot_has_ended_when_a_clock_is_at_its_last_time() {
    let world = World::holding(LIFE);
    let snapshot = world.keeper.snapshot().unwrap();
    // The nanoseconds of this time and of later ones do not fit.
    let end = Duration::from_nanos(u64::MAX);
    for last in [end, end + Duration::from_nanos(1), Duration::MAX] {
        for (monotonic, wall) in [
            (last, last),
            (last, world.now.wall),
            (world.now.monotonic, last),
        ] {
            assert!(!snapshot.lasts(Moment { monotonic, wall }));
        }
    }
}

#[test]
fn snapshots_are_the_same_if_token_and_end_are() {
    let mut world = World::holding(LIFE);
    let first = world.keeper.snapshot().unwrap();
    assert!(first.is_same(&world.keeper.snapshot().unwrap()));
    assert!(first.is_same(&first.copy()));
    world.pass(DUE);
    let (_, exchange) = world.refresh();
    let later = world.keeper.snapshot().unwrap();
    assert!(!first.is_same(&later), "the end is another one");
    let _ = exchange;
    let other = World::holding(LIFE).keeper.snapshot().unwrap();
    assert!(!first.is_same(&other), "the token is another one");
}

#[test]
fn snapshot_lasts_while_the_clocks_are_as_far_apart_as_two_readings_may_be() {
    let world = World::holding(LIFE);
    let snapshot = world.keeper.snapshot().unwrap();
    let apart = Duration::from_millis(100);
    let nano = Duration::from_nanos(1);
    let lasts = |wall| snapshot.lasts(Moment { wall, ..world.now });
    assert!(lasts(world.now.wall + apart) && lasts(world.now.wall - apart));
    assert!(!lasts(world.now.wall + apart + nano));
    assert!(!lasts(world.now.wall - apart - nano));
}
