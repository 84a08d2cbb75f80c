//! A fleet in virtual time: up to 100 keepers on one store, with faults from a seed. An oracle of its own judges.
//!
//! Each scenario runs with 50 seeds. For others of them, and for one scenario alone:
//!
//! ```text
//! FLEET_SEEDS=1000 FLEET_FIRST_SEED=50 cargo test --profile simulation -p edge-oauth-no-io --test fleet_simulation
//! FLEET_SEEDS=1000 FLEET_SCENARIO=store_is_flushed cargo test --profile simulation -p edge-oauth-no-io --test fleet_simulation
//! ```
//!
//! A failure prints the command that replays its seed alone. `FLEET_SEED` is that seed, and prints what happens.
//!
//! Each check of the oracle has a bug in `bugs.rs`: a process or a store with this bug fails the check.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "the core is without them; what runs it here has threads and variables"
)]

mod bugs;
mod callers;
mod credentials;
mod disturbances;
mod double;
mod driver;
mod oracle;
mod oracle_tests;
mod process;
mod proving;
mod random;
mod scenarios;
mod server;
mod store;
mod trace;
mod world;

use std::env;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use edge_oauth_no_io::Moment;

use crate::bugs::{Bug, TABLE};
use crate::scenarios::{SCENARIOS, Scenario};
use crate::world::World;

/// In microseconds of true time.
pub(crate) type Time = u64;

pub(crate) const SECOND: Time = 1_000_000;

/// The clocks at time zero.
pub(crate) const START: Moment = Moment {
    monotonic: Duration::from_secs(1000),
    wall: Duration::from_secs(1_800_000_000),
};

/// The tokens' lifetime, if the scenario has no other.
pub(crate) const LIFETIME: Time = 300 * SECOND;

/// Returns what a wall clock shows that differs from true time by this many microseconds.
pub(crate) fn wall(now: Time, skew: i64) -> Duration {
    let true_time = START.wall + Duration::from_micros(now);
    let skew_time = Duration::from_micros(skew.unsigned_abs());
    match skew < 0 {
        true => true_time - skew_time,
        false => true_time + skew_time,
    }
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap())
}

/// Most runs have a small fleet, since a large one finds little more and takes ten times as long.
fn run(scenario: &Scenario, seed: u64, bug: Option<Bug>, is_traced: bool) -> World {
    let is_large = seed % if seed < 50 { 10 } else { 100 } == 0;
    let processes = match seed % 10 {
        _ if is_large => 100,
        rest => 3 + 2 * usize::try_from(rest).unwrap(),
    };
    let mut world = World::new(seed, processes, LIFETIME, bug);
    world.is_traced = is_traced;
    (scenario.set)(&mut world);
    world.run(world.ends);
    world.oracle.end(&world.server, world.disturbed);
    world
}

fn scenarios() -> impl Iterator<Item = &'static Scenario> {
    SCENARIOS.iter().chain(proving::SCENARIOS)
}

fn simulate(names: impl Fn(&str) -> bool) {
    let wanted = env::var("FLEET_SCENARIO").ok();
    let only = number("FLEET_SEED");
    let first = only.or(number("FLEET_FIRST_SEED")).unwrap_or(0);
    let count = only.map_or(number("FLEET_SEEDS").unwrap_or(50), |_| 1);
    let seeds = first..first + count;
    let wanted: Vec<_> = scenarios()
        .filter(|scenario| names(scenario.name))
        .filter(|scenario| wanted.as_ref().is_none_or(|wanted| wanted == scenario.name))
        .collect();
    assert!(!wanted.is_empty(), "no scenario is named so");
    // Each seed meets all scenarios before the next one does, so the progress of a long run is that of each of them.
    let runs: Vec<_> = seeds
        .flat_map(|seed| wanted.iter().map(move |scenario| (*scenario, seed)))
        .collect();
    let (next, wrong) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let run_number = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap();
                    let Some((scenario, seed)) = runs.get(run_number) else {
                        break;
                    };
                    if run_number > 0 && run_number % 20_000 == 0 {
                        let failed = wrong.lock().unwrap_or_else(PoisonError::into_inner).len();
                        println!("{run_number} of {} runs, {failed} failed", runs.len());
                    }
                    let fail = |violation: String| {
                        println!("{}, seed {seed}: {violation}", scenario.name);
                        let mut wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
                        wrong.push((scenario.name, *seed, violation));
                    };
                    // A panic is a failure of this seed alone.
                    let run = AssertUnwindSafe(|| run(scenario, *seed, None, only.is_some()));
                    let Ok(world) = panic::catch_unwind(run) else {
                        fail("it panicked".to_owned());
                        continue;
                    };
                    if only.is_some() {
                        println!(
                            "{} {seed}: {} requests, {} served, {} errors, longest wait {} ms",
                            scenario.name,
                            world.server.requests,
                            world.oracle.served,
                            world.oracle.errors,
                            world.oracle.longest_wait / 1000
                        );
                    }
                    if let Some((_, violation)) = world.oracle.violations.first() {
                        fail(violation.clone());
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    let count = wrong.len();
    // One of each scenario.
    wrong.dedup_by_key(|(name, _, _)| *name);
    let lines: Vec<_> = wrong
        .iter()
        .map(|(name, seed, violation)| {
            format!(
                "{name}, seed {seed}: {violation}\n  {}",
                replay(name, *seed)
            )
        })
        .collect();
    let all = runs.len();
    assert!(
        wrong.is_empty(),
        "{count} of {all} runs from seed {first} on:\n{}",
        lines.join("\n")
    );
}

/// Returns the command that runs one seed alone, and prints what happens.
fn replay(scenario: &str, seed: u64) -> String {
    format!(
        "FLEET_SEED={seed} FLEET_SCENARIO={scenario} cargo test -p edge-oauth-no-io --test fleet_simulation \
         fleet_keeps -- --nocapture"
    )
}

// fault: one-request-per-process
#[test]
fn fleet_keeps_the_promises_in_every_scenario() {
    simulate(|_| true);
}

#[test]
fn each_check_of_the_oracle_fails_for_its_bug() {
    let mut missed = Vec::new();
    for (check, bug, name) in TABLE {
        let scenario = scenarios().find(|scenario| scenario.name == *name).unwrap();
        let found = (1..10).find_map(|seed| {
            let violations = run(scenario, seed, Some(*bug), false).oracle.violations;
            let mut violations = violations.into_iter();
            let (_, violation) = violations.find(|(found, _)| found == check)?;
            Some((seed, violation))
        });
        match found {
            Some((seed, violation)) => {
                println!("{check:?}: {bug:?} in {name}, seed {seed}: {violation}")
            }
            None => missed.push((check, bug, name)),
        }
    }
    assert!(missed.is_empty(), "bugs that are missed: {missed:?}");
}
