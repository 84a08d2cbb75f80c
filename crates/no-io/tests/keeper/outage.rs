//! Outages of the server while a token is cached.

use std::time::Duration;

use edge_oauth_no_io::{Completion, Policy, Step, TransportError, TransportErrorKind};

use crate::setup::{Exchange, World};

/// Runs a day of polls a second apart in which the server is out from `from` for `length` seconds.
fn outage(life: u64, seed: u64, from: u64, length: u64) -> (u32, u32) {
    let mut world = World::with(Policy::default(), seed);
    let exchange = world.send();
    world.answer(exchange.ticket, life).unwrap().unwrap();
    let (mut unserved, mut requests) = (0, 0);
    for second in 1..4 * life {
        world.pass(1);
        let out = (from..from + length).contains(&second);
        match world.poll() {
            Step::Use(_) => {}
            Step::Refresh { acquisition, .. } => {
                let exchange = world.leave(acquisition);
                requests += 1;
                match out {
                    true => drop(world.fault(exchange.ticket)),
                    false => drop(world.answer(exchange.ticket, life)),
                }
            }
            Step::Send(acquisition) => {
                let exchange = world.leave(acquisition);
                unserved += 1;
                world.cancel(exchange.ticket);
            }
            Step::Wait { .. } | Step::Fail(_) => unserved += 1,
        }
    }
    (unserved, requests)
}

// fault: refresh-fails
#[test]
fn outage_of_a_tenth_of_the_lifetime_is_unseen_by_callers() {
    for life in [120, 300, 900, 3600] {
        for seed in 0..5 {
            for from in (life / 2..life).step_by((life / 40) as usize) {
                let (unserved, _) = outage(life, seed, from, life / 10);
                assert_eq!(unserved, 0, "life {life}, seed {seed}, out from {from}");
            }
        }
    }
    let (unserved, requests) = outage(86_400, 1, 70_000, 8_640);
    assert_eq!(unserved, 0);
    assert!(requests < 1500, "{requests} requests in an outage of 2.4 h");
}

/// As [`outage`], of a server that takes connections and never answers.
fn hanging_outage(life: u64, seed: u64, from: u64) -> u32 {
    let mut world = World::with(Policy::default(), seed);
    let exchange = world.send();
    world.answer(exchange.ticket, life).unwrap().unwrap();
    let (mut unserved, mut hanging) = (0, None::<(Exchange, u64)>);
    for second in 1..3 * life {
        world.pass(1);
        if let Some((exchange, _)) = hanging.take_if(|(_, ends)| *ends <= second) {
            let error = TransportError::new(TransportErrorKind::Timeout, "");
            world.finish(exchange.ticket, Completion::Failed(error));
        }
        match world.poll() {
            Step::Use(_) => {}
            Step::Refresh { acquisition, .. } if (from..from + life / 10).contains(&second) => {
                let exchange = world.leave(acquisition);
                let ends = second + exchange.timeout.as_secs_f64().ceil() as u64;
                hanging = Some((exchange, ends));
            }
            Step::Refresh { acquisition, .. } => {
                let exchange = world.leave(acquisition);
                drop(world.answer(exchange.ticket, life));
            }
            _ => unserved += 1,
        }
    }
    unserved
}

// fault: refresh-fails, silent-server
#[test]
fn hanging_server_is_unseen_by_callers_for_a_tenth_of_ten_minutes() {
    for life in [600, 900, 3600] {
        for seed in 0..5 {
            for from in (life / 2..life).step_by((life / 40) as usize) {
                let unserved = hanging_outage(life, seed, from);
                assert_eq!(unserved, 0, "life {life}, seed {seed}, hanging from {from}");
            }
        }
    }
}

#[test]
fn slow_server_gets_the_whole_timeout_for_the_next_refresh() {
    let mut world = World::holding(300);
    world.pass(240);
    let (_, exchange) = world.refresh();
    assert!(exchange.timeout < Duration::from_secs(10));
    let error = TransportError::new(TransportErrorKind::Timeout, "");
    world.finish(exchange.ticket, Completion::Failed(error));
    world.pass(2);
    let (_, exchange) = world.refresh();
    assert_eq!(exchange.timeout, Duration::from_secs(10));
    world.pass(5);
    world.answer(exchange.ticket, 300);
    world.pass(240);
    assert_eq!(world.refresh().1.timeout, Duration::from_secs(10));
}

#[test]
fn server_that_is_not_slow_gets_the_timeout_of_a_refresh() {
    let (short, whole) = (Duration::from_secs(2), Duration::from_secs(10));
    for (took, timeout) in [(short, short), (short + Duration::from_nanos(1), whole)] {
        let mut world = World::new();
        let exchange = world.send();
        world.pass_exactly(took).answer(exchange.ticket, 300);
        assert_eq!(world.pass(240).refresh().1.timeout, timeout);
    }
    let mut world = World::holding(300);
    let (_, exchange) = world.pass(240).refresh();
    world.fault(exchange.ticket);
    assert_eq!(
        world.pass(5).refresh().1.timeout,
        short,
        "a fault is not slow"
    );
}
