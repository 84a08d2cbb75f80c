//! Longer sequences: of equal states, one goes on.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::call::Call;
use crate::search::Failure;
use crate::space::Space;

/// The result of a search.
#[derive(Default)]
pub(crate) struct Merged {
    /// The calls that were made.
    pub(crate) made: u64,
    /// The fingerprints of the states.
    pub(crate) states: HashSet<u64>,
}

/// A state that a thread found: its place in the order, its fingerprint and its calls.
type Found = (usize, u64, Vec<Call>);

impl Space {
    /// Makes each call in each state that up to `depth` calls lead to. Returns the first failure, one of the shortest.
    pub(crate) fn merged(
        &self,
        depth: usize,
        mut tell: impl FnMut(usize, &Merged),
    ) -> Result<Merged, Failure> {
        let mut merged = Merged::default();
        merged.states.insert(self.fingerprint(&[]));
        let mut level = vec![Vec::new()];
        for depth in 1..=depth {
            let mut found = self.next_level(&level, &merged.states)?;
            // So that the same state goes on in each run, whichever thread was first.
            found.sort_unstable_by_key(|(order, _, _)| *order);
            merged.made += found.len() as u64;
            let is_new = |(_, state, calls)| merged.states.insert(state).then_some(calls);
            level = found.into_iter().filter_map(is_new).collect();
            tell(depth, &merged);
        }
        Ok(merged)
    }

    fn next_level(&self, level: &[Vec<Call>], known: &HashSet<u64>) -> Result<Vec<Found>, Failure> {
        let (next, all) = (AtomicUsize::new(0), Mutex::new((Vec::new(), Vec::new())));
        let threads = thread::available_parallelism().map_or(2, usize::from);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let (mut found, mut failures) = (Vec::new(), Vec::new());
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(calls) = level.get(at) else { break };
                        self.extend_merged(at, calls, known, &mut found, &mut failures);
                    }
                    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                    all.0.append(&mut found);
                    all.1.append(&mut failures);
                });
            }
        });
        let (found, failures) = all.into_inner().unwrap();
        match failures
            .into_iter()
            .min_by_key(|failure: &Failure| failure.calls.clone())
        {
            Some(failure) => Err(failure),
            None => Ok(found),
        }
    }

    fn extend_merged(
        &self,
        at: usize,
        calls: &[Call],
        known: &HashSet<u64>,
        found: &mut Vec<Found>,
        failures: &mut Vec<Failure>,
    ) {
        let mut fresh = None;
        for (index, call) in self.calls.iter().enumerate() {
            let mut world = fresh.take().unwrap_or_else(|| self.replay(calls));
            if !world.make(*call) {
                fresh = Some(world);
                continue;
            }
            let calls: Vec<_> = calls.iter().chain([call]).copied().collect();
            if let Some(violation) = world.violation.take() {
                failures.push(self.failure(calls, violation));
                continue;
            }
            let state = self.fingerprint(&calls);
            let calls = if known.contains(&state) {
                Vec::new()
            } else {
                calls
            };
            found.push((at * self.calls.len() + index, state, calls));
        }
    }
}
