//! Many clients with one lifetime: their refreshes fall out of step (promise 3).
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

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
    world.keeper.poll_timeout().unwrap() - world.now.monotonic
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
fn assert_spread(times: impl Iterator<Item = Duration>, percents: std::ops::Range<usize>) {
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
