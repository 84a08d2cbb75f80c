//! The lease as the callers see it: published in one place, and a copy of its token for each thread.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use edge_oauth_no_io::{AccessToken, Moment, Snapshot};

/// The lease that the keeper gave last.
///
/// A thread that reads it for the second time gets a copy of the token that no other thread touches,
/// and from then on takes no lock and writes to no memory that it shares. Other callers take a lock
/// that is only ever held to copy or to swap a pointer.
pub(crate) struct Published {
    lease: Mutex<Option<Snapshot>>,
    mark: Mark,
    slot: usize,
}

/// Names what is published now, by a number that was never used before in this process. In an
/// allocation of its own: what stands beside it would be written to while it is read.
#[derive(Clone)]
struct Mark(Arc<AtomicU64>);

/// What a thread knows of one source's lease.
enum Slot {
    Empty,
    /// It has read the lease of this number once.
    Seen(u64),
    Copy(Copied),
}

struct Copied {
    number: u64,
    mark: Mark,
    lease: Snapshot,
}

impl Published {
    pub(crate) fn new() -> Self {
        static CREATED: AtomicUsize = AtomicUsize::new(0);
        Self {
            lease: Mutex::new(None),
            mark: Mark(Arc::new(AtomicU64::new(next_number()))),
            slot: CREATED.fetch_add(1, Ordering::Relaxed) % SLOTS,
        }
    }

    /// Takes the place of what was published before.
    pub(crate) fn set(&self, lease: Option<Snapshot>) {
        let mut published = self.lock();
        let same = match (&lease, &*published) {
            (Some(new), Some(old)) => new.until == old.until && new.token.is_same(&old.token),
            (None, None) => true,
            _ => false,
        };
        if same {
            return;
        }
        let old = std::mem::replace(&mut *published, lease);
        self.mark.set(next_number());
        drop(published);
        // Wiping the old token is not the callers' wait.
        drop(old);
    }

    /// The token, where the lease lasts.
    #[inline]
    pub(crate) fn get(&self, now: Moment) -> Option<AccessToken> {
        let own = |slots: &RefCell<[Slot; SLOTS]>| match &slots.borrow()[self.slot] {
            Slot::Copy(copy) if copy.number == self.mark.get() && lasts(&copy.lease, now) => {
                Some(copy.lease.token.clone())
            }
            _ => None,
        };
        // A thread that is ending has no slots left.
        let token = THREAD.try_with(own).unwrap_or_default();
        token.or_else(|| self.look(now))
    }

    #[cold]
    fn look(&self, now: Moment) -> Option<AccessToken> {
        let (number, lease) = {
            let lease = self.lock();
            (self.mark.get(), lease.clone()?)
        };
        if !lasts(&lease, now) {
            return None;
        }
        let token = lease.token.clone();
        let _ = THREAD.try_with(|slots| self.remember(&mut slots.borrow_mut(), number, lease));
        Some(token)
    }

    fn remember(&self, slots: &mut [Slot; SLOTS], number: u64, lease: Snapshot) {
        slots
            .iter_mut()
            .filter(|slot| slot.is_stale())
            .for_each(|slot| *slot = Slot::Empty);
        let slot = &mut slots[self.slot];
        *slot = match slot {
            Slot::Seen(seen) if *seen == number => Slot::Copy(Copied {
                number,
                mark: self.mark.clone(),
                lease: Snapshot {
                    token: lease.token.unshared(),
                    ..lease
                },
            }),
            _ => Slot::Seen(number),
        };
    }

    fn lock(&self) -> MutexGuard<'_, Option<Snapshot>> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Published {
    /// The threads' copies are stale from now on.
    fn drop(&mut self) {
        self.mark.set(next_number());
    }
}

impl Mark {
    #[inline]
    fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    fn set(&self, number: u64) {
        self.0.store(number, Ordering::Release);
    }
}

impl Slot {
    fn is_stale(&self) -> bool {
        matches!(self, Self::Copy(copy) if copy.number != copy.mark.get())
    }
}

#[inline]
fn lasts(lease: &Snapshot, now: Moment) -> bool {
    !now.has_reached(lease.until)
}

fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// How many sources a thread has copies of at most. Two that fall on one slot take it from each other.
const SLOTS: usize = 8;

thread_local! {
    static THREAD: RefCell<[Slot; SLOTS]> = const { RefCell::new([const { Slot::Empty }; SLOTS]) };
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use edge_oauth_no_io::{Config, Secret, token_response};
    use http::Response;

    use super::*;

    const NOW: Moment = Moment {
        monotonic: Duration::from_secs(3600),
        wall: Duration::from_secs(1_800_000_000),
    };

    fn lease(token: &str) -> Snapshot {
        let config = Config::builder("https://login.example/token", "id")
            .client_secret(Secret::new("s3cret"))
            .build();
        let answer = Response::new(format!(r#"{{"access_token":"{token}"}}"#));
        Snapshot {
            token: token_response(&config.unwrap(), &answer).unwrap(),
            until: NOW.after(Duration::from_secs(60)),
        }
    }

    fn published(token: &str) -> Published {
        let published = Published::new();
        published.set(Some(lease(token)));
        published
    }

    fn read(published: &Published) -> Option<String> {
        published.get(NOW).map(|token| token.expose().to_owned())
    }

    fn address(published: &Published) -> usize {
        published.get(NOW).unwrap().expose().as_ptr() as usize
    }

    /// Until this thread has its copy. Returns where that stands.
    fn settle(published: &Published) -> usize {
        [(); 3].map(|()| address(published))[2]
    }

    fn copies() -> usize {
        THREAD.with_borrow(|slots| {
            let is_copy = |slot: &&Slot| matches!(slot, Slot::Copy(_));
            slots.iter().filter(is_copy).count()
        })
    }

    #[test]
    fn a_thread_has_its_copy_from_the_second_time_on() {
        let published = published("abc");
        let [first, second, third, fourth] = [(); 4].map(|()| address(&published));
        assert_eq!(first, second);
        assert_ne!(second, third);
        assert_eq!(third, fourth);
        let elsewhere = thread::scope(|scope| scope.spawn(|| settle(&published)).join().unwrap());
        assert_ne!(elsewhere, third);
    }

    #[test]
    fn a_thread_with_a_copy_takes_no_lock() {
        let published = published("abc");
        settle(&published);
        let lock = published.lock();
        assert_eq!(read(&published).unwrap(), "abc");
        drop(lock);
    }

    #[test]
    fn a_copy_counts_only_while_it_is_of_what_is_published() {
        let published = published("abc");
        settle(&published);
        published.set(Some(lease("def")));
        assert_eq!(read(&published).unwrap(), "def");
        settle(&published);
        published.set(None);
        assert_eq!(read(&published), None);
    }

    #[test]
    fn a_copy_lasts_as_long_as_the_lease_by_either_clock() {
        let published = published("abc");
        settle(&published);
        let later = NOW.after(Duration::from_secs(60));
        for now in [
            Moment {
                wall: NOW.wall,
                ..later
            },
            Moment {
                monotonic: NOW.monotonic,
                ..later
            },
        ] {
            assert!(published.get(now).is_none());
        }
    }

    #[test]
    fn what_is_published_again_keeps_the_copies() {
        let (lease, published) = (lease("abc"), Published::new());
        published.set(Some(lease.clone()));
        let copy = settle(&published);
        published.set(Some(lease));
        assert_eq!(address(&published), copy);
    }

    #[test]
    fn sources_on_one_slot_do_not_mix() {
        let sources: Vec<_> = (0..=SLOTS).map(|i| published(&i.to_string())).collect();
        for _ in 0..4 {
            for (i, source) in sources.iter().enumerate() {
                assert_eq!(read(source).unwrap(), i.to_string());
            }
        }
    }

    #[test]
    fn copies_of_what_is_no_longer_published_go_at_the_next_look() {
        let mut sources = ["abc", "def", "ghi"].map(published);
        (0..)
            .zip(&mut sources)
            .for_each(|(slot, source)| source.slot = slot);
        let [replaced, dropped, other] = sources;
        for source in [&replaced, &dropped] {
            settle(source);
        }
        assert_eq!(copies(), 2);
        replaced.set(None);
        drop(dropped);
        read(&other);
        assert_eq!(copies(), 0);
    }
}
