//! Clocks that jump, stand, go backwards and end.

use std::time::Duration;

use edge_oauth_no_io::{Moment, Step};

use crate::setup::{DEAD, DUE, EPOCH, LIFE, World};

// fault: sleep-seen-by-the-wall-clock
#[test]
fn laptop_that_slept_gets_a_new_token() {
    let mut world = World::holding(LIFE);
    world.pass(10).now.wall += Duration::from_secs(5 * 60 * 60);
    drop(world.send());
}

// fault: wall-clock-jump
#[test]
fn wall_clock_that_jumps_makes_no_loop() {
    let ten_years = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    let mut world = World::holding(LIFE);
    let mut requests = 0;
    for tenth in 0..100 {
        world.now.wall = if tenth % 2 == 0 {
            EPOCH + ten_years
        } else {
            EPOCH
        };
        world.now.monotonic += Duration::from_millis(100);
        if let Step::Send(acquisition) = world.poll() {
            let exchange = world.leave(acquisition);
            requests += 1;
            world.answer(exchange.ticket, LIFE);
        }
    }
    assert!((1..=10).contains(&requests), "{requests} requests in 10 s");

    let mut world = World::holding(LIFE);
    world.now.wall -= EPOCH;
    world.now.monotonic += Duration::from_secs(10);
    world.token();
    world.now.monotonic += Duration::from_secs(DEAD);
    drop(world.send());
}

// fault: monotonic-clock-set-back
#[test]
fn clocks_that_go_backwards_leave_the_token_in_use() {
    let mut world = World::holding(LIFE);
    world.now = Moment {
        monotonic: Duration::ZERO,
        wall: Duration::ZERO,
    };
    world.token();
    let mut world = World::new();
    let exchange = world.send();
    world.now = Moment {
        monotonic: Duration::ZERO,
        wall: Duration::ZERO,
    };
    world.answer(exchange.ticket, LIFE).unwrap().unwrap();
    world.token();
}

// fault: clocks-at-their-end, expires-in-beyond-ten-years
#[test]
fn clocks_at_their_end_cause_no_overflow() {
    let mut world = World::new();
    let hour = Duration::from_secs(3600);
    world.now = Moment {
        monotonic: Duration::MAX - hour,
        wall: Duration::MAX - hour,
    };
    let exchange = world.send();
    world.answer(exchange.ticket, u64::MAX).unwrap().unwrap();
    assert_eq!(world.keeper.poll_timeout(), Some(Duration::MAX));
    let nanosecond = Duration::from_nanos(1);
    world.pass_exactly(hour - nanosecond).token();
    // No clock can show the end of this lifetime.
    world.pass_exactly(nanosecond).token();
    assert_eq!(world.keeper.poll_timeout(), Some(Duration::MAX));
}

// fault: wrong-clock, summer-time
// Only what both clocks of the client measured matters, not where they stand.
#[test]
fn wrong_clock_changes_no_lifetime() {
    for off in [Duration::ZERO, EPOCH * 2] {
        let mut world = World::new();
        world.now.wall = off;
        let exchange = world.send();
        world.answer(exchange.ticket, LIFE);
        world.pass(399).token();
        world.pass(DUE - 399);
        let _ = world.refresh();
    }
}

// fault: wall-clock-jump
#[test]
fn wall_clock_that_jumps_while_a_request_is_in_flight_makes_no_loop() {
    let ten_years = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    let mut world = World::new();
    let mut requests = 0;
    for _ in 0..1000 {
        world.pass_exactly(Duration::from_millis(10));
        if let Step::Send(acquisition) = world.poll() {
            let exchange = world.leave(acquisition);
            requests += 1;
            world.now.wall += ten_years;
            world.answer(exchange.ticket, LIFE);
            world.now.wall -= ten_years;
        }
    }
    assert!((1..=11).contains(&requests), "{requests} requests in 10 s");
}
