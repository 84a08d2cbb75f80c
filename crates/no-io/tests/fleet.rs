//! Many clients with one lifetime: their refreshes fall out of step (promise 3).
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::ops::Range;
use std::time::Duration;

use common::World;
use edge_oauth_no_io::{Policy, Step};

const DAY: u64 = 86_400;
const CLIENTS: u64 = 1000;

/// Returns the world of a client that has just obtained its first token.
fn started(seed: u64, policy: Policy, lifetime: u64) -> World {
    let mut world = World::with(policy, seed);
    let acquisition = world.send();
    world.obtain(acquisition, lifetime);
    world
}

/// Returns after how long the refresh of the cached token is due.
fn due(world: &World) -> Duration {
    let due = world.keeper.poll_timeout().unwrap();
    due.saturating_sub(world.now.monotonic)
}

/// Moves the world to the time at which its refresh is due, and refreshes the token.
fn refresh(world: &mut World, lifetime: u64) -> Duration {
    let passed = due(world);
    let acquisition = world.pass_exactly(passed).refresh();
    world.obtain(acquisition, lifetime);
    passed
}

/// Counts how many of these times are in each percent of the lifetime.
fn histogram(times: impl Iterator<Item = Duration>, lifetime: u64) -> Vec<u32> {
    let mut counts = Vec::new();
    for time in times {
        let percent = (time.as_secs() * 100 / lifetime) as usize;
        counts.resize(counts.len().max(percent + 1), 0);
        counts[percent] += 1;
    }
    counts
}

/// Asserts that these times are spread evenly over these percents of the lifetime, and that none is elsewhere.
fn assert_spread(times: impl Iterator<Item = Duration>, percents: Range<usize>) {
    let counts = histogram(times, DAY);
    let mean = CLIENTS as u32 / percents.len() as u32;
    for (percent, count) in counts.iter().enumerate() {
        let expected = match percents.contains(&percent) {
            true => mean / 4..mean * 2,
            false => 0..1,
        };
        assert!(
            expected.contains(count),
            "{count} at {percent} %: {counts:?}"
        );
    }
    assert_eq!(counts.len(), percents.end);
}

// fault: thousand-clients-start-together
#[test]
fn first_refresh_is_due_from_forty_percent_on_and_later_ones_from_eighty_percent_on() {
    let worlds = || (0..CLIENTS).map(|seed| started(seed, Policy::default(), DAY));
    assert_spread(worlds().map(|world| due(&world)), 40..90);
    let second = worlds().map(|mut world| {
        refresh(&mut world, DAY);
        due(&world)
    });
    assert_spread(second, 80..90);
}

// fault: outage-puts-a-fleet-in-step
#[test]
fn refresh_after_an_outage_is_due_from_forty_percent_on() {
    let mut later = Vec::new();
    let after_outage = (0..CLIENTS).map(|seed| {
        let mut world = started(seed, Policy::default(), DAY);
        refresh(&mut world, DAY);
        for _ in 0..3 {
            let passed = due(&world);
            let acquisition = world.pass_exactly(passed).refresh();
            world.fault(acquisition);
        }
        let backoff = due(&world);
        world.pass_exactly(backoff);
        let acquisition = world.refresh();
        world.obtain(acquisition, DAY);
        let first = refresh(&mut world, DAY);
        later.push(due(&world));
        first
    });
    let after_outage: Vec<_> = after_outage.collect();
    assert_spread(after_outage.into_iter(), 40..90);
    assert_spread(later.into_iter(), 80..90);
}

// fault: outage-puts-a-fleet-in-step
#[test]
fn token_after_an_expired_or_a_rejected_one_is_refreshed_from_forty_percent_on() {
    let expired = (0..CLIENTS).map(|seed| {
        let mut world = started(seed, Policy::default(), DAY);
        let acquisition = world.pass(DAY).send();
        world.obtain(acquisition, DAY);
        due(&world)
    });
    assert_spread(expired, 40..90);
    let rejected = (0..CLIENTS).map(|seed| {
        let mut world = started(seed, Policy::default(), DAY);
        let token = world.pass(10).token();
        world.keeper.invalidate(&token, world.now);
        let acquisition = world.send();
        world.obtain(acquisition, DAY);
        due(&world)
    });
    assert_spread(rejected, 40..90);
}

/// Each run of a program restores its token: if each drew from the wide window, the earliest draw would count.
#[test]
fn restored_token_is_refreshed_from_eighty_percent_on() {
    let stored = started(1, Policy::default(), DAY);
    let (mut keeper, now) = (stored.keeper, stored.now);
    let stored = keeper.export(now).unwrap();
    let restored = (0..CLIENTS).map(|seed| {
        let mut world = World::with(Policy::default(), seed);
        assert!(world.keeper.restore(&stored, now));
        due(&world)
    });
    assert_spread(restored, 80..90);
}

#[test]
fn policy_sets_from_when_on_the_first_token_is_refreshed() {
    let from = |policy: Policy| {
        let worlds = (0..CLIENTS).map(|seed| started(seed, policy.clone(), DAY));
        worlds.map(|world| due(&world)).collect::<Vec<_>>()
    };
    let policy = Policy::default;
    assert_spread(from(policy().first_refresh_from(70)).into_iter(), 70..90);
    assert_spread(from(policy().first_refresh_from(0)).into_iter(), 10..90);
    // The first refresh is never later than the others.
    assert_spread(from(policy().first_refresh_from(255)).into_iter(), 80..90);
    let early = policy().refresh_between(20..=30);
    assert_spread(from(early.clone()).into_iter(), 20..30);
    assert_spread(from(early.first_refresh_from(10)).into_iter(), 10..30);
}

// fault: thousand-clients-start-together, outage-puts-a-fleet-in-step
#[test]
fn fleet_that_starts_together_falls_out_of_step() {
    for lifetime in [900, DAY] {
        let end = Duration::from_secs(20 * lifetime);
        let mut refreshes = Vec::new();
        for seed in 0..CLIENTS {
            let mut world = started(seed, Policy::default(), lifetime);
            let mut passed = Duration::ZERO;
            while passed < end {
                passed += refresh(&mut world, lifetime);
                refreshes.push(passed);
            }
        }
        let counts = histogram(refreshes.into_iter(), lifetime);
        let most = counts.iter().max().unwrap();
        assert!(
            *most <= 45,
            "{most} of {CLIENTS} clients in a percent of the lifetime"
        );
    }
}

/// A quarter of the fleet meets an outage and gets its tokens as the outage ends.
// fault: outage-puts-a-fleet-in-step
#[test]
fn fleet_falls_out_of_step_after_an_outage() {
    let lifetime = 900;
    let second = Duration::from_secs(1);
    let mut refreshes = Vec::new();
    let outage = 9360..9450;
    for seed in 0..CLIENTS {
        let mut world = started(seed, Policy::default(), lifetime);
        let start = world.now.monotonic;
        while world.now.monotonic < start + second * (13 * lifetime) as u32 {
            let passed = due(&world).max(Duration::from_millis(1));
            world.pass_exactly(passed);
            let Step::Refresh { acquisition, .. } = world.poll() else {
                continue;
            };
            let time = world.now.monotonic - start;
            match outage.contains(&time.as_secs()) {
                true => drop(world.fault(acquisition)),
                false => {
                    world.obtain(acquisition, lifetime);
                    refreshes.push(time);
                }
            }
        }
    }
    let counts = histogram(refreshes.into_iter(), lifetime);
    let after: u32 = counts[1050..1054].iter().sum();
    assert!(
        after > CLIENTS as u32 / 10,
        "{after} refresh as the outage ends"
    );
    let later = &counts[1090..1300];
    let most = later.iter().max().unwrap();
    assert!(*most <= 45, "{most}: {later:?}");
}

const FLEET: u64 = 10_000;

/// Returns when the token requests of a client leave that got its first token at zero, and always wants one. In an outage
/// it asks once, and then as soon as the outage is over.
fn requests_of(
    seed: u64,
    policy: &Policy,
    lifetime: u64,
    outage: Range<u64>,
    end: u64,
) -> Vec<u64> {
    let mut world = started(seed, policy.clone(), lifetime);
    let start = world.now.monotonic;
    let mut requests = Vec::new();
    loop {
        let passed = due(&world).max(Duration::from_millis(1));
        world.pass_exactly(passed);
        let time = (world.now.monotonic - start).as_secs();
        if time >= end {
            return requests;
        }
        let (Step::Refresh { acquisition, .. } | Step::Send(acquisition)) = world.poll() else {
            continue;
        };
        requests.push(time);
        if outage.contains(&time) {
            world.fault(acquisition);
            world.pass(outage.end - time);
        } else {
            world.obtain(acquisition, lifetime);
        }
    }
}

/// Asserts that no window of this time carries more than this many times the mean.
fn assert_even(requests: &[u64], time: Range<u64>, window: u64, most: f64) {
    let mut counts = vec![0_u32; ((time.end - time.start) / window) as usize];
    for request in requests.iter().filter(|at| time.contains(at)) {
        counts[((request - time.start) / window) as usize] += 1;
    }
    let mean = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
    assert!(mean >= 30.0, "{mean} requests are too few to be compared");
    let busiest = f64::from(*counts.iter().max().unwrap());
    assert!(
        busiest <= most * mean,
        "{busiest} in {window} s, and {mean} on average"
    );
}

/// Refreshes from 40 % to 87 % of the lifetime are 1.8 times as dense as requests on average, and the rest is chance: with
/// a mean of 33, three standard deviations more are 2.5 times the mean, and the busiest of a thousand windows has more.
fn assert_out_of_step(requests: &[u64], time: Range<u64>, lifetime: u64) {
    match lifetime {
        900 => assert_even(requests, time, 10, 2.5),
        _ => {
            assert_even(requests, time.clone(), 10, 2.9);
            assert_even(requests, time, 20, 2.5);
        }
    }
}

// fault: thousand-clients-start-together
#[test]
fn ten_thousand_that_start_at_once_spread_their_requests() {
    for lifetime in [900, 3600] {
        let end = 5 * lifetime;
        let policy = Policy::default();
        let clients = (0..FLEET).flat_map(|seed| requests_of(seed, &policy, lifetime, 0..0, end));
        assert_out_of_step(&clients.collect::<Vec<_>>(), 0..end, lifetime);
    }
}

// fault: outage-puts-a-fleet-in-step
#[test]
fn ten_thousand_spread_their_requests_after_an_outage() {
    for (lifetime, outage) in [(900, 90), (900, 1800), (3600, 7200)] {
        let outage = 2 * lifetime..2 * lifetime + outage;
        let (policy, end) = (Policy::default(), outage.end + 4 * lifetime);
        let clients =
            (0..FLEET).flat_map(|seed| requests_of(seed, &policy, lifetime, outage.clone(), end));
        let later = outage.end + 20..end;
        assert_out_of_step(&clients.collect::<Vec<_>>(), later, lifetime);
    }
}

#[test]
fn early_first_refresh_adds_less_than_two_percent_of_a_days_requests() {
    for lifetime in [900, 3600] {
        let requests = |policy: Policy| -> usize {
            let clients = (0..CLIENTS).map(|seed| requests_of(seed, &policy, lifetime, 0..0, DAY));
            clients.map(|requests| requests.len()).sum()
        };
        let in_step = requests(Policy::default().first_refresh_from(80));
        let out_of_step = requests(Policy::default());
        assert!(
            out_of_step * 100 < in_step * 102,
            "{out_of_step}, {in_step}"
        );
    }
}
