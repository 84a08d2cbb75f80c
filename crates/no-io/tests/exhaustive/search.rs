//! Every sequence of calls, on all processors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::call::{Call, sentence};
use crate::promise::Promise;
use crate::space::Space;
use crate::subject::Store;
use crate::world::World;

/// A sequence that breaks a promise.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) store: Store,
    pub(crate) calls: Vec<Call>,
    pub(crate) promise: Promise,
    pub(crate) why: String,
}

impl Space {
    /// Makes every sequence of up to `depth` calls. Returns their number, or the shortest failure. `visit` gets the state
    /// after each.
    pub(crate) fn all(
        &self,
        depth: usize,
        visit: &(impl Fn(&[Call], World) + Sync),
    ) -> Result<u64, Failure> {
        let counted = self.up_to(depth, visit);
        if counted.is_ok() {
            return counted;
        }
        // The first one that was found may not be the shortest.
        let shorter = (1..depth).find_map(|depth| self.up_to(depth, visit).err());
        shorter.map_or(counted, Err)
    }

    /// Returns the shortest failure of up to `depth` calls.
    pub(crate) fn shortest(&self, depth: usize) -> Option<Failure> {
        (1..=depth).find_map(|depth| self.up_to(depth, &|_, _| {}).err())
    }

    pub(crate) fn failure(&self, calls: Vec<Call>, violation: (Promise, String)) -> Failure {
        let (promise, why) = violation;
        Failure {
            store: self.store,
            calls,
            promise,
            why,
        }
    }

    fn up_to(
        &self,
        depth: usize,
        visit: &(impl Fn(&[Call], World) + Sync),
    ) -> Result<u64, Failure> {
        let mut first = Part::new(self, visit);
        first.extend(&mut Vec::new(), depth.min(START));
        let starts = std::mem::take(&mut first.ends);
        if let Some(failure) = first.failure {
            return Err(failure);
        }
        let (next, parts) = (AtomicUsize::new(0), Mutex::new(vec![(first.count, None)]));
        let threads = thread::available_parallelism().map_or(2, usize::from);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let mut part = Part::new(self, visit);
                    while let Some(start) = starts.get(next.fetch_add(1, Ordering::Relaxed)) {
                        part.extend(&mut start.clone(), depth);
                    }
                    let mut parts = parts.lock().unwrap_or_else(PoisonError::into_inner);
                    parts.push((part.count, part.failure));
                });
            }
        });
        let parts = parts.into_inner().unwrap();
        let count = parts.iter().map(|(count, _)| count).sum();
        let failures = parts.into_iter().filter_map(|(_, failure)| failure);
        match failures.min_by_key(|failure| (failure.calls.len(), failure.calls.clone())) {
            Some(failure) => Err(failure),
            None => Ok(count),
        }
    }
}

/// The part of one thread.
struct Part<'a, V> {
    space: &'a Space,
    visit: &'a V,
    count: u64,
    failure: Option<Failure>,
    /// The sequences to start from.
    ends: Vec<Vec<Call>>,
}

impl<'a, V: Fn(&[Call], World)> Part<'a, V> {
    fn new(space: &'a Space, visit: &'a V) -> Self {
        Self {
            space,
            visit,
            count: 0,
            failure: None,
            ends: Vec::new(),
        }
    }

    fn extend(&mut self, calls: &mut Vec<Call>, depth: usize) {
        let mut fresh = None;
        for call in &self.space.calls {
            let guard = Guard(self.space.store, calls, *call);
            let mut world = fresh.take().unwrap_or_else(|| self.space.replay(calls));
            let made = world.make(*call);
            drop(guard);
            if !made {
                fresh = Some(world);
                continue;
            }
            self.count += 1;
            calls.push(*call);
            if let Some(violation) = world.violation.take() {
                let failure = self.space.failure(calls.clone(), violation);
                self.failure.get_or_insert(failure);
            } else {
                (self.visit)(calls, world);
                if calls.len() < depth {
                    self.extend(calls, depth);
                } else if depth == START {
                    self.ends.push(calls.clone());
                }
            }
            calls.pop();
        }
    }
}

/// The threads share the sequences of this length out.
const START: usize = 2;

/// Names the calls if one of them panics.
struct Guard<'a>(Store, &'a [Call], Call);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let Self(store, calls, call) = self;
            println!("panics: {store:?} {} {call}", sentence(calls));
        }
    }
}
