//! Every sequence of calls of a keeper, up to a depth. One assertion judges each clause of a promise, and a double of the
//! keeper with a bug shows that the assertion fails.
//!
//! A failure prints the shortest sequence of calls. This command replays a sequence and prints each step:
//!
//! ```text
//! KEEPER_CALLS="none poll token to-timeout poll fault" cargo test -p edge-oauth-no-io --test exhaustive replayed -- --nocapture
//! ```
//!
//! The first word is the store: `none`, `shared` or `local`. `.ci/keeper` makes longer sequences.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "the core is without them; what runs it here has threads and variables"
)]

mod call;
mod changes;
mod checks;
mod claims;
#[path = "../keeper_model/clocks.rs"]
#[allow(dead_code, reason = "the model's monotonic clock may run back")]
mod clocks;
mod double;
mod facts;
mod fingerprint;
mod merged;
mod moves;
mod outcomes;
mod polls;
mod promise;
mod search;
mod server;
mod space;
mod subject;
mod world;

use std::collections::{HashMap, HashSet};
use std::env;
use std::sync::Mutex;
use std::time::Instant;

use crate::call::{Call, sentence};
use crate::promise::TABLE;
use crate::search::Failure;
use crate::space::Space;
use crate::subject::Store;
use crate::world::World;

const STORES: [(Store, &str); 3] = [
    (Store::None, "none"),
    (Store::Shared, "shared"),
    (Store::Local, "local"),
];

#[test]
fn every_short_sequence_of_calls_keeps_the_promises() {
    let depth = number("KEEPER_DEPTH", 5);
    for (store, name) in STORES {
        let counted = Space::new(store).all(depth, &|_, _| {});
        match counted {
            Ok(count) => println!("{name}: {count} sequences"),
            Err(failure) => panic!("{}", report(&failure)),
        }
    }
}

#[test]
fn merged_states_keep_the_promises_in_longer_sequences() {
    let depth = number("KEEPER_MERGED_DEPTH", 6);
    let is_tried = |call: &Call| {
        let mut families = Space::families().into_iter();
        families.any(|(_, space)| space.calls.contains(call))
    };
    assert!(Call::ALL.iter().all(is_tried), "a call is in no family");
    for (name, space) in Space::families() {
        let start = Instant::now();
        let merged = space.merged(depth, |depth, merged| {
            let (made, states, took) = (merged.made, merged.states.len(), start.elapsed());
            println!("{name}, {depth} calls: {made} made, {states} states, {took:?}");
        });
        if let Err(failure) = merged {
            panic!("{}", report(&failure));
        }
    }
}

#[test]
fn merged_search_finds_the_states_of_all_sequences() {
    let depth = number("KEEPER_COMPARED_DEPTH", 5);
    for (name, space) in Space::families() {
        let all = Mutex::new(HashMap::from([(space.fingerprint(&[]), Vec::new())]));
        let counted = space.all(depth, &|calls, _| {
            let state = space.fingerprint(calls);
            all.lock().unwrap().entry(state).or_insert(calls.to_vec());
        });
        let count = counted.unwrap_or_else(|failure| panic!("{}", report(&failure)));
        let merged = space.merged(depth, |_, _| {});
        let merged = merged.unwrap_or_else(|failure| panic!("{}", report(&failure)));
        let all = all.into_inner().unwrap();
        let mut lost = all;
        let found = lost.len();
        lost.retain(|state, _| !merged.states.contains(state));
        println!("{name}: {count} sequences, {found} states");
        let lost: Vec<_> = lost.values().map(|calls| sentence(calls)).collect();
        assert!(
            lost.is_empty(),
            "merging loses the states of these: {lost:#?}"
        );
    }
}

#[test]
fn each_assertion_fails_for_its_bugs() {
    let mut slugs = HashSet::new();
    for (promise, bugs) in TABLE {
        let (number, slug, _) = promise.row();
        assert!(slugs.insert(slug), "{slug} twice");
        for bug in *bugs {
            let found = Space::of_bug(*bug, *promise).shortest(6);
            let failure = found.unwrap_or_else(|| panic!("{slug} does not catch {bug:?}"));
            let calls = sentence(&failure.calls);
            println!("{number:2} {slug:45} {bug:30?} {calls}");
        }
    }
}

#[test]
fn calls_of_the_environment_are_replayed() {
    let Ok(text) = env::var("KEEPER_CALLS") else {
        return;
    };
    let (name, words) = text.split_once(' ').unwrap();
    let store = STORES.iter().find(|(_, word)| *word == name).unwrap().0;
    let mut world = World::new(store, None, env::var("KEEPER_STEADY").is_ok());
    for word in words.split(' ') {
        let call = Call::from_word(word).unwrap();
        let made = world.make(call);
        println!(
            "{word}: {}, timeout {:?}, cached {:?}, {:?}",
            if made { "made" } else { "not possible" },
            world.subject.timeout(),
            world.subject.snapshot().is_some(),
            world.clocks.now,
        );
        assert!(world.violation.is_none(), "{:?}", world.violation);
    }
}

fn number(name: &str, default: usize) -> usize {
    env::var(name).map_or(default, |number| number.parse().unwrap())
}

fn report(failure: &Failure) -> String {
    let (number, slug, text) = failure.promise.row();
    let name = STORES
        .iter()
        .find(|(store, _)| *store == failure.store)
        .unwrap()
        .1;
    format!(
        "promise {number}, {slug}: {text} {}\nKEEPER_CALLS=\"{name} {}\" \
         cargo test -p edge-oauth-no-io --test exhaustive replayed -- --nocapture",
        failure.why,
        sentence(&failure.calls)
    )
}
