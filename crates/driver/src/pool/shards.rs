//! A map of bounded size for many threads. No lock is held for longer than one of its parts takes.

use std::hash::{BuildHasher, Hash, RandomState};

use crate::pool::shard::{CHUNK, Hashed, Shard};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Mutex, MutexGuard, PoisonError};

/// Values by key, at most a given number of them, in parts that are locked one at a time.
///
/// A map that grows sorts all of its entries into new buckets while it is locked. A part has a thousand at most, up to
/// two million values in all. The bound is of all parts together; the value that has to go is the least recently used
/// one of its part.
pub(super) struct Shards<K, T> {
    capacity: usize,
    /// The places that are taken: by values, and by those that are about to be inserted.
    taken: AtomicUsize,
    hasher: RandomState,
    parts: Box<[Mutex<Shard<K, T>>]>,
}

impl<K: Clone + Eq + Hash, T> Shards<K, T> {
    pub(super) fn new(capacity: usize) -> Self {
        let parts = (capacity / PART).clamp(1, MAX_PARTS).next_power_of_two();
        Self {
            capacity,
            taken: AtomicUsize::new(0),
            hasher: RandomState::new(),
            parts: (0..parts).map(|_| Mutex::new(Shard::new())).collect(),
        }
    }

    /// Returns a copy of the key with its hash. The key is hashed here and nowhere else, and no lock is held.
    pub(super) fn hashed(&self, key: &K) -> Hashed<K> {
        Hashed {
            hash: self.hasher.hash_one(key),
            key: key.clone(),
        }
    }

    /// Looks at a value under the lock of its part.
    pub(super) fn with<R>(&self, key: &Hashed<K>, look: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.part(key).get(key).map(look)
    }

    /// Inserts a value, and drops another if the map is full. If there is a value under this key, looks at it instead, and
    /// drops the new one. No value is dropped under a lock.
    pub(super) fn insert_or<R>(
        &self,
        key: Hashed<K>,
        value: T,
        look: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        loop {
            let mut part = self.part(&key);
            if let Some(present) = part.get(&key) {
                return Some(look(present));
            }
            let mut dropped = None;
            if !self.take_place() {
                dropped = part.remove_oldest();
                if dropped.is_none() {
                    drop(part);
                    self.make_place();
                    continue;
                }
            }
            part.insert(key, value);
            drop(part);
            drop(dropped);
            return None;
        }
    }

    pub(super) fn remove(&self, key: &Hashed<K>) -> Option<T> {
        let removed = self.part(key).remove(key)?;
        self.give_place();
        Some(removed)
    }

    /// Returns what `copy` makes of each value. A lock is held for a few of them at a time.
    pub(super) fn copies<R>(&self, copy: impl Fn(&T) -> R) -> Vec<R> {
        let mut copies = Vec::with_capacity(self.len());
        for part in &self.parts {
            for number in 0.. {
                // The other list may have to move when it grows.
                let mut few = Vec::with_capacity(CHUNK);
                match lock(part).chunk(number) {
                    Some(values) => few.extend(values.map(&copy)),
                    None => break,
                }
                copies.append(&mut few);
            }
        }
        copies
    }

    pub(super) fn len(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    fn part(&self, key: &Hashed<K>) -> MutexGuard<'_, Shard<K, T>> {
        // A part looks at the low bits.
        let part = (key.hash >> 40) as usize & (self.parts.len() - 1);
        lock(&self.parts[part])
    }

    /// Takes a place for a value. Returns false if none is free.
    fn take_place(&self) -> bool {
        let one_more = |taken| (taken < self.capacity).then_some(taken + 1);
        self.taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .is_ok()
    }

    fn give_place(&self) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }

    /// Drops a value of any part.
    fn make_place(&self) {
        for part in &self.parts {
            let dropped = lock(part).remove_oldest();
            if dropped.is_some() {
                self.give_place();
                return;
            }
        }
    }
}

/// A panic of foreign code, such as of `Clone`, leaves a part whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The values that a part has room for, at least, before there is another part.
const PART: usize = 512;

const MAX_PARTS: usize = 4096;

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::hash::Hasher;
    use std::thread;

    use super::*;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    /// A key that counts how often it is hashed, compared or copied.
    #[derive(Debug)]
    struct Counted(usize);

    fn step() {
        STEPS.set(STEPS.get() + 1);
    }

    fn steps<R>(run: impl FnOnce() -> R) -> (usize, R) {
        STEPS.set(0);
        let result = run();
        (STEPS.get(), result)
    }

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            step();
            self.0.hash(state);
        }
    }

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            step();
            self.0 == other.0
        }
    }

    impl Eq for Counted {}

    impl Clone for Counted {
        fn clone(&self) -> Self {
            step();
            Self(self.0)
        }
    }

    // fault: pool-scans-under-its-lock
    #[test]
    fn each_operation_takes_a_few_steps_at_a_million_values() {
        const MANY: usize = 1_000_000;
        let map = Shards::new(MANY);
        let mut most = 0;
        let mut count = |steps: usize| most = most.max(steps);
        let hashed = |number| map.hashed(&Counted(number));
        for number in 0..MANY {
            let key = hashed(number);
            count(steps(|| map.insert_or(key, number, |_| ())).0);
        }
        assert_eq!(map.len(), MANY);
        // A part looks at all of its values when it grows, and so it is small.
        let sizes = map.parts.iter().map(|part| {
            let part = lock(part);
            let chunks = (0..).map_while(|number| part.chunk(number));
            chunks.map(Iterator::count).sum::<usize>()
        });
        assert!(sizes.max().unwrap() < 1000);
        // Each value is used since, so that a scan for another would find none.
        for number in 0..MANY {
            let key = hashed(number);
            count(steps(|| map.with(&key, |value| assert_eq!(*value, number))).0);
        }
        for number in (MANY..MANY + 10_000).step_by(2) {
            for number in [number, number + 1] {
                let key = hashed(number);
                count(steps(|| map.insert_or(key, number, |_| ())).0);
            }
            let key = hashed(number);
            count(steps(|| assert_eq!(map.remove(&key), Some(number))).0);
        }
        assert_eq!(map.len(), MANY - 1);
        assert!(
            most <= 8,
            "{most} keys were hashed, compared or copied in one operation"
        );
    }

    #[test]
    fn value_that_was_not_used_lately_goes_first() {
        let map = Shards::new(100_000);
        let insert = |number| map.insert_or(map.hashed(&number), number, |_| ());
        (0..100_000).for_each(|number| assert_eq!(insert(number), None));
        for number in 0..50_000 {
            map.with(&map.hashed(&number), |_| ());
        }
        (100_000..120_000).for_each(|number| assert_eq!(insert(number), None));
        let left = |range: std::ops::Range<u32>| {
            range
                .filter(|number| map.with(&map.hashed(number), |_| ()).is_some())
                .count()
        };
        assert_eq!((left(0..50_000), left(100_000..120_000)), (50_000, 20_000));
        assert_eq!(map.len(), 100_000);
    }

    /// Threads that insert and remove at once: the bound holds at each moment, and the count is right at the end.
    #[test]
    fn bound_holds_while_threads_insert_and_remove() {
        let map = Shards::new(1100);
        assert_eq!(map.parts.len(), 2);
        thread::scope(|scope| {
            for thread in [1, 2] {
                let map = &map;
                scope.spawn(move || {
                    for number in 0..20_000_u32 {
                        let key = number * thread % 3000;
                        map.insert_or(map.hashed(&key), key, |_| ());
                        map.remove(&map.hashed(&(key / 2)));
                    }
                });
            }
            scope.spawn(|| {
                for _ in 0..100 {
                    map.copies(|value| *value);
                    assert!(map.len() <= 1100);
                }
            });
        });
        let mut copies = map.copies(|value| *value);
        copies.sort_unstable();
        copies.dedup();
        assert_eq!(copies.len(), map.len());
    }

    #[test]
    fn map_whose_parts_are_uneven_is_filled_to_its_bound() {
        let map = Shards::new(1100);
        let other_part = |number: &u32| map.hashed(number).hash >> 40 & 1 == 1;
        let (odd, even): (Vec<u32>, Vec<u32>) = (0..5000).partition(other_part);
        for number in odd.iter().take(1100).chain(&even[..1]) {
            map.insert_or(map.hashed(number), *number, |_| ());
        }
        assert_eq!(map.len(), 1100);
        assert!(map.with(&map.hashed(&even[0]), |_| ()).is_some());
        assert!(map.with(&map.hashed(&odd[0]), |_| ()).is_none());
    }
}
