//! A part of a pool's map: entries by key, and their order of use. Every operation takes constant time.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// A key with its hash, which was computed before the lock was taken.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Hashed<K> {
    // Compared first.
    pub(super) hash: u64,
    pub(super) key: K,
}

/// A map that knows which of its entries was used least recently.
///
/// The entries are in slots, which form a ring in the order of use: slot 0 is its start and has no entry, the next one
/// was used most recently. An entry stays in its slot.
pub(super) struct Shard<K, T> {
    index: HashMap<Hashed<K>, usize, BuildHasherDefault<Known>>,
    slots: Vec<Slot<K, T>>,
    free: Vec<usize>,
}

struct Slot<K, T> {
    newer: usize,
    older: usize,
    entry: Option<(Hashed<K>, T)>,
}

impl<K: Clone + Eq, T> Shard<K, T> {
    pub(super) fn new() -> Self {
        let start = Slot {
            newer: START,
            older: START,
            entry: None,
        };
        Self {
            index: HashMap::default(),
            slots: vec![start],
            free: Vec::new(),
        }
    }

    /// Returns the value of this key, which is the most recently used one now.
    pub(super) fn get(&mut self, key: &Hashed<K>) -> Option<&mut T> {
        let slot = *self.index.get(key)?;
        self.unlink(slot);
        self.link(slot);
        let (_, value) = self.slots[slot].entry.as_mut()?;
        Some(value)
    }

    /// Adds a value under a key that is not there yet.
    pub(super) fn insert(&mut self, key: Hashed<K>, value: T) {
        let entry = Some((key.clone(), value));
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot].entry = entry;
                slot
            }
            None => {
                self.slots.push(Slot {
                    newer: START,
                    older: START,
                    entry,
                });
                self.slots.len() - 1
            }
        };
        self.link(slot);
        self.index.insert(key, slot);
    }

    pub(super) fn remove(&mut self, key: &Hashed<K>) -> Option<T> {
        let slot = self.index.remove(key)?;
        self.unlink(slot);
        self.free.push(slot);
        let (_, value) = self.slots[slot].entry.take()?;
        Some(value)
    }

    /// Removes the value that was used least recently.
    pub(super) fn remove_oldest(&mut self) -> Option<T> {
        let oldest = self.slots[START].newer;
        let (key, _) = self.slots[oldest].entry.as_ref()?;
        let key = key.clone();
        self.remove(&key)
    }

    /// Returns the values of at most `count` slots from this one on; `None` past the last slot.
    pub(super) fn slots(&self, from: usize, count: usize) -> Option<impl Iterator<Item = &T>> {
        let to = self.slots.len().min(from.saturating_add(count));
        let slots = self.slots.get(from..to).filter(|slots| !slots.is_empty())?;
        let entries = slots.iter().filter_map(|slot| slot.entry.as_ref());
        Some(entries.map(|(_, value)| value))
    }

    /// Takes a slot out of the ring.
    fn unlink(&mut self, slot: usize) {
        let Slot { newer, older, .. } = self.slots[slot];
        self.slots[newer].older = older;
        self.slots[older].newer = newer;
    }

    /// Puts a slot into the ring as the most recently used one.
    fn link(&mut self, slot: usize) {
        let second = self.slots[START].older;
        (self.slots[slot].newer, self.slots[slot].older) = (START, second);
        self.slots[second].newer = slot;
        self.slots[START].older = slot;
    }
}

const START: usize = 0;

impl<K> Hash for Hashed<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// Returns the hash that a key carries, so that a map that grows hashes none of its keys again.
#[derive(Default)]
pub(super) struct Known(u64);

impl Hasher for Known {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    fn key(key: u64) -> Hashed<u64> {
        // Some keys share a hash.
        Hashed { hash: key / 2, key }
    }

    fn values(shard: &Shard<u64, u64>) -> Vec<u64> {
        let mut values: Vec<_> = shard.slots(0, usize::MAX).unwrap().copied().collect();
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
        assert!(shard.slots.len() <= 41, "slots are used again");
    }

    #[test]
    fn values_come_in_parts_that_leave_none_out() {
        let mut shard = Shard::new();
        (0..10).for_each(|number| shard.insert(key(number), number));
        assert_eq!(shard.remove(&key(4)), Some(4));
        let parts = (0..5).map_while(|part| Some(shard.slots(part * 4, 4)?.count()));
        assert_eq!(parts.collect::<Vec<_>>(), [3, 3, 3]);
    }
}
