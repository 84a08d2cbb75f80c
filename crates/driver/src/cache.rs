//! The cached token as callers read it: a copy for each group of threads, so that no memory is shared among them.

use std::array;

use edge_oauth_no_io::{AccessToken, Moment, Snapshot};
use http::HeaderValue;

use crate::sync::{Mutex, MutexGuard, OnceLock, PoisonError, thread_number};

/// The latest snapshot of the keeper.
///
/// Each thread reads one of 64 slots. A slot has a copy of the token in memory of its own, so threads on different slots
/// write to no shared cache line: neither to a lock nor to a reference count. A slot is made when a thread first reads
/// it, and so is the list of its neighbours: a source that few threads ask has room for few of them.
pub(crate) struct Cache {
    published: Mutex<Option<Snapshot>>,
    groups: [OnceLock<Box<Group>>; GROUPS],
}

type Group = [OnceLock<Box<Slot>>; SLOTS / GROUPS];

/// In an allocation of its own, and large enough that two of them share no cache line.
#[repr(align(128))]
struct Slot(Mutex<Option<Snapshot>>);

impl Cache {
    pub(crate) fn new() -> Self {
        Self {
            published: Mutex::new(None),
            groups: array::from_fn(|_| OnceLock::new()),
        }
    }

    /// Replaces what callers read. Call it under the keeper's lock, so that the latest snapshot wins.
    pub(crate) fn set(&self, snapshot: Option<Snapshot>) {
        let mut published = lock(&self.published);
        let is_same = match (&snapshot, &*published) {
            (Some(new), Some(old)) => new.is_same(old),
            (None, None) => true,
            _ => false,
        };
        if is_same {
            return;
        }
        let groups = self.groups.iter().filter_map(OnceLock::get);
        let slots = groups.flat_map(|group| group.iter());
        for slot in slots.filter_map(OnceLock::get) {
            let copy = snapshot.as_ref().map(Snapshot::copy);
            let old = std::mem::replace(&mut *lock(&slot.0), copy);
            // Readers do not wait until the old token is wiped.
            drop(old);
        }
        *published = snapshot;
    }

    /// Returns the cached token if nothing has to be done about it.
    #[inline]
    pub(crate) fn get(&self, now: Moment) -> Option<AccessToken> {
        self.read(now, AccessToken::clone)
    }

    /// Returns its header value.
    #[inline]
    pub(crate) fn authorization(&self, now: Moment) -> Option<HeaderValue> {
        self.read(now, AccessToken::authorization)
    }

    // The whole of a cached call, which a function call of its own would make a tenth longer.
    #[inline(always)]
    fn read<R>(&self, now: Moment, read: impl FnOnce(&AccessToken) -> R) -> Option<R> {
        let index = thread_number() % SLOTS;
        let group = self.groups[index % GROUPS].get();
        if let Some(slot) = group.and_then(|group| group[index / GROUPS].get()) {
            let snapshot = lock(&slot.0);
            return match &*snapshot {
                Some(snapshot) if snapshot.lasts(now) => Some(read(snapshot.token())),
                _ => None,
            };
        }
        self.first_read(index, now).as_ref().map(read)
    }

    #[cold]
    #[inline(never)]
    fn first_read(&self, index: usize, now: Moment) -> Option<AccessToken> {
        let published = lock(&self.published);
        let copy = published.as_ref()?.copy();
        let token = copy.lasts(now).then(|| copy.token().clone());
        // Under the lock of what is published, or a newer snapshot could be missed.
        let group = self.groups[index % GROUPS]
            .get_or_init(|| Box::new(array::from_fn(|_| OnceLock::new())));
        group[index / GROUPS].get_or_init(|| Box::new(Slot(Mutex::new(Some(copy)))));
        token
    }
}

#[inline]
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Several for each processor of a large machine: with one for each, threads that take turns meet on a slot.
const SLOTS: usize = 64;

const GROUPS: usize = 8;

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::thread;
    use std::time::Duration;

    use edge_oauth_no_io::{Completion, Config, Keeper, Policy, Secret, SecretBytes, Step};
    use http::Response;

    use super::*;

    const NOW: Moment = Moment {
        monotonic: Duration::from_secs(3600),
        wall: Duration::from_secs(1_800_000_000),
    };

    fn snapshot(token: &str) -> Snapshot {
        let config = Config::builder("https://login.example/token", "id")
            .client_secret(Secret::new("s3cret"))
            .build()
            .unwrap();
        let mut keeper = Keeper::new(config, Policy::default(), 7);
        let Step::Send(mut acquisition) = keeper.poll(NOW) else {
            panic!("no token is cached yet")
        };
        let _ = acquisition.poll(NOW, [0; 16]);
        let body = format!(r#"{{"access_token":"{token}","expires_in":900}}"#);
        let body = SecretBytes::new(body.into_bytes());
        acquisition.handle(Completion::Response(Response::new(body)), NOW);
        keeper.finish(acquisition, NOW);
        keeper.snapshot().unwrap()
    }

    fn read(cache: &Cache) -> Option<String> {
        cache.get(NOW).map(|token| token.expose().to_owned())
    }

    fn address(cache: &Cache) -> usize {
        cache.get(NOW).unwrap().expose().as_ptr() as usize
    }

    #[test]
    fn threads_read_copies_of_their_own() {
        let cache = Cache::new();
        cache.set(Some(snapshot("abc")));
        address(&cache);
        let here = address(&cache);
        assert_eq!(address(&cache), here);
        let there = || {
            address(&cache);
            address(&cache)
        };
        let elsewhere = thread::scope(|scope| scope.spawn(there).join().unwrap());
        assert_ne!(elsewhere, here);
    }

    /// One thread after the other, so that each slot has its turn.
    #[test]
    fn each_slot_keeps_a_copy_of_its_own() {
        let cache = Cache::new();
        cache.set(Some(snapshot("abc")));
        let mut slots = HashMap::new();
        for _ in 0..SLOTS {
            let addresses = || ([(); 3].map(|()| address(&cache)), thread_number() % SLOTS);
            let read = thread::scope(|scope| scope.spawn(addresses).join().unwrap());
            let ([_, second, third], slot) = read;
            assert_eq!(second, third);
            assert_eq!(*slots.entry(second).or_insert(slot), slot);
        }
    }

    #[test]
    fn readers_see_the_latest_snapshot_and_take_no_other_lock() {
        let cache = Cache::new();
        assert_eq!(read(&cache), None);
        for token in ["abc", "def"] {
            cache.set(Some(snapshot(token)));
            assert_eq!(read(&cache).unwrap(), token);
            let published = lock(&cache.published);
            assert_eq!(read(&cache).unwrap(), token);
            let authorization = cache.authorization(NOW).unwrap();
            assert_eq!(authorization, format!("Bearer {token}"));
            drop(published);
        }
        cache.set(None);
        assert_eq!(read(&cache), None);
    }

    #[test]
    fn snapshot_ends_by_either_clock() {
        let cache = Cache::new();
        cache.set(Some(snapshot("abc")));
        assert_eq!(read(&cache).unwrap(), "abc");
        let later = NOW.after(Duration::from_secs(870));
        let by_wall = Moment {
            monotonic: NOW.monotonic,
            ..later
        };
        let by_monotonic = Moment {
            wall: NOW.wall,
            ..later
        };
        assert!(cache.get(by_wall).is_none());
        assert!(cache.get(by_monotonic).is_none());
    }

    #[test]
    fn same_snapshot_again_keeps_the_copies() {
        let (cache, snapshot) = (Cache::new(), snapshot("abc"));
        cache.set(Some(snapshot.copy()));
        let copy = [(); 2].map(|()| address(&cache))[1];
        cache.set(Some(snapshot));
        assert_eq!(address(&cache), copy);
    }
}
