//! A part of a pool's map: entries by key, and their order of use. Every operation takes constant time, except for the
//! growth of the index.

use std::mem;

/// A key with its hash, which was computed before the lock was taken.
#[derive(PartialEq, Eq)]
pub(super) struct Hashed<K> {
    // Compared first.
    pub(super) hash: u64,
    pub(super) key: K,
}

/// A map that knows which of its entries was used least recently.
///
/// The entries are in slots, which form a ring in the order of use: slot 0 is its start and has no entry, the next one
/// was used most recently. An entry stays in its slot, and a slot in its place, so that only the buckets move if the map
/// grows.
pub(super) struct Shard<K, T> {
    /// The first slot of each bucket.
    buckets: Vec<usize>,
    chunks: Vec<Vec<Slot<K, T>>>,
    /// The first free slot.
    free: usize,
}

struct Slot<K, T> {
    newer: usize,
    older: usize,
    /// The next slot of the same bucket, or the next free one. The start means that there is none.
    next: usize,
    entry: Option<(Hashed<K>, T)>,
}

impl<K: Eq, T> Shard<K, T> {
    pub(super) fn new() -> Self {
        Self {
            buckets: vec![START],
            chunks: vec![vec![Slot::new()]],
            free: START,
        }
    }

    /// Returns the value of this key, which is the most recently used one now.
    pub(super) fn get(&mut self, key: &Hashed<K>) -> Option<&mut T> {
        let slot = self.find(key)?;
        self.unlink(slot);
        self.link(slot);
        let (_, value) = self.slot(slot).entry.as_mut()?;
        Some(value)
    }

    /// Adds a value under a key that is not there yet.
    pub(super) fn insert(&mut self, key: Hashed<K>, value: T) {
        let slot = match self.free {
            START => self.new_slot(),
            free => {
                self.free = self.slot(free).next;
                free
            }
        };
        self.enter(slot, key.hash);
        self.slot(slot).entry = Some((key, value));
        self.link(slot);
    }

    pub(super) fn remove(&mut self, key: &Hashed<K>) -> Option<T> {
        let slot = self.find(key)?;
        self.empty(slot)
    }

    /// Removes the value that was used least recently.
    pub(super) fn remove_oldest(&mut self) -> Option<T> {
        let oldest = self.slot(START).newer;
        self.empty(oldest)
    }

    /// Returns the values of a chunk, which are a few; `None` past the last chunk.
    pub(super) fn chunk(&self, number: usize) -> Option<impl Iterator<Item = &T>> {
        let slots = self.chunks.get(number)?.iter();
        let entries = slots.filter_map(|slot| slot.entry.as_ref());
        Some(entries.map(|(_, value)| value))
    }

    fn slot(&mut self, slot: usize) -> &mut Slot<K, T> {
        &mut self.chunks[slot / CHUNK][slot % CHUNK]
    }

    fn find(&mut self, key: &Hashed<K>) -> Option<usize> {
        let mut slot = *self.bucket(key.hash);
        while slot != START {
            let Slot { entry, next, .. } = self.slot(slot);
            if entry.as_ref().is_some_and(|(other, _)| other == key) {
                return Some(slot);
            }
            slot = *next;
        }
        None
    }

    fn bucket(&mut self, hash: u64) -> &mut usize {
        let bucket = hash as usize & (self.buckets.len() - 1);
        &mut self.buckets[bucket]
    }

    /// Puts a slot into its bucket.
    fn enter(&mut self, slot: usize, hash: u64) {
        let next = mem::replace(self.bucket(hash), slot);
        self.slot(slot).next = next;
    }

    /// Takes a slot out of its bucket.
    fn leave(&mut self, slot: usize, hash: u64) {
        let next = self.slot(slot).next;
        let mut at = *self.bucket(hash);
        if at == slot {
            *self.bucket(hash) = next;
            return;
        }
        while self.slot(at).next != slot {
            at = self.slot(at).next;
        }
        self.slot(at).next = next;
    }

    fn empty(&mut self, slot: usize) -> Option<T> {
        let (key, value) = self.slot(slot).entry.take()?;
        self.leave(slot, key.hash);
        self.unlink(slot);
        self.slot(slot).next = mem::replace(&mut self.free, slot);
        Some(value)
    }

    /// Makes a slot. If there is more than one for each bucket, doubles the buckets.
    fn new_slot(&mut self) -> usize {
        if self.chunks.last().is_none_or(|last| last.len() == CHUNK) {
            self.chunks.push(Vec::new());
        }
        let full = self.chunks.len() - 1;
        let last = &mut self.chunks[full];
        last.push(Slot::new());
        let slot = full * CHUNK + last.len() - 1;
        if slot > self.buckets.len() {
            self.buckets = vec![START; 2 * self.buckets.len()];
            for other in 1..slot {
                let entry = self.slot(other).entry.as_ref();
                // Each has one: a free slot would have been taken.
                if let Some(hash) = entry.map(|(key, _)| key.hash) {
                    self.enter(other, hash);
                }
            }
        }
        slot
    }

    /// Takes a slot out of the ring.
    fn unlink(&mut self, slot: usize) {
        let Slot { newer, older, .. } = *self.slot(slot);
        self.slot(newer).older = older;
        self.slot(older).newer = newer;
    }

    /// Puts a slot into the ring as the most recently used one.
    fn link(&mut self, slot: usize) {
        let second = mem::replace(&mut self.slot(START).older, slot);
        self.slot(second).newer = slot;
        let linked = self.slot(slot);
        (linked.newer, linked.older) = (START, second);
    }
}

impl<K, T> Slot<K, T> {
    fn new() -> Self {
        Self {
            newer: START,
            older: START,
            next: START,
            entry: None,
        }
    }
}

const START: usize = 0;

/// The slots that are copied under one lock.
pub(super) const CHUNK: usize = 64;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    fn key(key: u64) -> Hashed<u64> {
        // Some keys share a hash.
        Hashed { hash: key / 2, key }
    }

    fn values(shard: &Shard<u64, u64>) -> Vec<u64> {
        let chunks = (0..).map_while(|number| shard.chunk(number));
        let mut values: Vec<_> = chunks.flatten().copied().collect();
        values.sort_unstable();
        values
    }

    /// The same operations on a list, which is short enough to be searched.
    #[test]
    fn shard_drops_what_a_list_in_order_of_use_drops() {
        let (mut shard, mut list) = (Shard::new(), VecDeque::new());
        let mut random = 7_u64;
        for _ in 0..20_000 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let (action, number) = (random >> 60, (random >> 40) % 40);
            let at = list.iter().position(|other| *other == number);
            match (action, at) {
                (0..9, Some(at)) => {
                    list.remove(at);
                    list.push_back(number);
                    assert_eq!(shard.get(&key(number)), Some(&mut { number }));
                }
                (0..9, None) => {
                    assert_eq!(shard.get(&key(number)), None);
                    list.push_back(number);
                    shard.insert(key(number), number);
                }
                (9..12, at) => {
                    let removed = at.and_then(|at| list.remove(at));
                    assert_eq!(shard.remove(&key(number)), removed);
                }
                _ => assert_eq!(shard.remove_oldest(), list.pop_front()),
            }
            let mut sorted: Vec<_> = list.iter().copied().collect();
            sorted.sort_unstable();
            assert_eq!(values(&shard), sorted);
        }
        let slots: usize = shard.chunks.iter().map(Vec::len).sum();
        assert!(slots <= 41, "slots are used again");
    }

    #[test]
    fn buckets_double_if_there_are_fewer_of_them_than_values() {
        let mut shard = Shard::new();
        (0..64).for_each(|number| shard.insert(key(number), number));
        assert_eq!(shard.buckets.len(), 64);
        shard.insert(key(64), 64);
        assert_eq!(shard.buckets.len(), 128);
    }

    // fault: pool-moves-values-under-its-lock
    #[test]
    fn value_stays_in_its_place_while_the_map_grows() {
        let mut shard = Shard::new();
        let mut add = |numbers: std::ops::Range<u64>| {
            numbers.for_each(|number| shard.insert(key(number), number));
            [1, 100].map(|number| std::ptr::from_mut(shard.get(&key(number)).unwrap()))
        };
        assert_eq!(add(0..200), add(200..1000));
    }

    #[test]
    fn values_come_in_parts_that_leave_none_out() {
        let mut shard = Shard::new();
        (0..100).for_each(|number| shard.insert(key(number), number));
        assert_eq!(shard.remove(&key(4)), Some(4));
        let parts = (0..).map_while(|number| Some(shard.chunk(number)?.count()));
        assert_eq!(parts.collect::<Vec<_>>(), [62, 37]);
    }
}
