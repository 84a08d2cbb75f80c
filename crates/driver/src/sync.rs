//! Locks, atomics, threads and random numbers: those of the system, or of a model that tries thread schedules.
//!
//! `.ci/schedules` compiles the unit tests with `--cfg shuttle` or `--cfg loom`. Every other build has the standard
//! library. `Arc` is always the standard one: shuttle's is the same, and loom's cannot hold a `dyn Trait`.

#[cfg(not(all(test, any(loom, shuttle))))]
pub(crate) use standard::*;

#[cfg(all(test, shuttle))]
pub(crate) use for_shuttle::*;

#[cfg(all(test, loom))]
pub(crate) use for_loom::*;

#[cfg(not(all(test, any(loom, shuttle))))]
mod standard {
    use std::cell::Cell;

    pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError, atomic};
    pub(crate) use std::thread;

    use atomic::{AtomicUsize, Ordering};

    /// Returns this random number.
    #[inline]
    pub(crate) fn random(number: impl FnOnce() -> u64) -> u64 {
        number()
    }

    /// Returns the number of this thread, dealt out in turn.
    #[inline]
    pub(crate) fn thread_number() -> usize {
        const UNKNOWN: usize = usize::MAX;

        thread_local! {
            static NUMBER: Cell<usize> = const { Cell::new(UNKNOWN) };
        }

        NUMBER.with(|number| {
            if number.get() == UNKNOWN {
                static THREADS: AtomicUsize = AtomicUsize::new(0);
                number.set(THREADS.fetch_add(1, Ordering::Relaxed));
            }
            number.get()
        })
    }
}

/// Shuttle switches threads at its locks and atomics. A `OnceLock` is set in one step here: each use of it is beside a
/// lock. The wait of a `Condvar` never times out.
#[cfg(all(test, shuttle))]
mod for_shuttle {
    pub(crate) use std::sync::{OnceLock, PoisonError};

    pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard, atomic};
    pub(crate) use shuttle::thread;

    use shuttle::rand::RngCore;

    /// Returns a random number of the schedule, which is the same if the schedule is repeated.
    pub(crate) fn random(_: impl FnOnce() -> u64) -> u64 {
        shuttle::rand::thread_rng().next_u64()
    }

    /// Returns the number of this thread in its schedule.
    pub(crate) fn thread_number() -> usize {
        thread::current().id().into()
    }
}

/// Loom lacks `OnceLock` and `Condvar::wait_timeout_while`.
#[cfg(all(test, loom))]
pub(crate) mod for_loom {
    use std::cell::Cell;
    use std::time::Duration;

    pub(crate) use std::sync::PoisonError;

    pub(crate) use loom::sync::{Mutex, MutexGuard, atomic};
    pub(crate) use loom::thread;

    use atomic::{AtomicBool, AtomicUsize, Ordering};

    // Loom runs all threads of a schedule on one thread of the system.
    std::thread_local! {
        /// Seeds a fault: a cell that is set once orders nothing.
        pub(crate) static IS_RELAXED: Cell<bool> = const { Cell::new(false) };
        /// All threads have one number, and with it one slot of a cache.
        pub(crate) static HAS_ONE_SLOT: Cell<bool> = const { Cell::new(false) };
    }

    loom::lazy_static! {
        static ref THREADS: AtomicUsize = AtomicUsize::new(0);
    }

    loom::thread_local! {
        static NUMBER: usize = THREADS.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns one number in all schedules, so that they differ by their threads alone.
    pub(crate) fn random(_: impl FnOnce() -> u64) -> u64 {
        7
    }

    /// Returns the number of this thread, dealt out in turn.
    pub(crate) fn thread_number() -> usize {
        match HAS_ONE_SLOT.get() {
            true => 0,
            false => NUMBER.with(|number| *number),
        }
    }

    /// A cell with the ordering of the standard library's.
    pub(crate) struct OnceLock<T> {
        /// The value, and an atomic that loom ties to the thread that made it: loom rejects a look at it that is not
        /// ordered after that.
        value: std::sync::OnceLock<(T, AtomicBool)>,
        is_set: AtomicBool,
    }

    impl<T> OnceLock<T> {
        pub(crate) fn new() -> Self {
            Self {
                value: std::sync::OnceLock::new(),
                is_set: AtomicBool::new(false),
            }
        }

        pub(crate) fn get(&self) -> Option<&T> {
            if !self.is_set.load(unless_relaxed(Ordering::Acquire)) {
                return None;
            }
            let (value, made) = self.value.get()?;
            made.load(Ordering::Relaxed);
            Some(value)
        }

        pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
            let make = || (make(), AtomicBool::new(true));
            let (value, _) = self.value.get_or_init(make);
            self.is_set.store(true, unless_relaxed(Ordering::Release));
            value
        }
    }

    fn unless_relaxed(ordering: Ordering) -> Ordering {
        match IS_RELAXED.get() {
            true => Ordering::Relaxed,
            false => ordering,
        }
    }

    /// Time does not pass: a wait that nothing notifies is a deadlock.
    #[derive(Debug, Default)]
    pub(crate) struct Condvar(loom::sync::Condvar);

    pub(crate) struct WaitTimeoutResult;

    type Waited<'a, T> = (MutexGuard<'a, T>, WaitTimeoutResult);

    impl Condvar {
        pub(crate) fn notify_all(&self) {
            self.0.notify_all();
        }

        pub(crate) fn wait_timeout_while<'a, T>(
            &self,
            mut guard: MutexGuard<'a, T>,
            _: Duration,
            mut condition: impl FnMut(&mut T) -> bool,
        ) -> Result<Waited<'a, T>, PoisonError<Waited<'a, T>>> {
            while condition(&mut guard) {
                guard = self.0.wait(guard).unwrap_or_else(PoisonError::into_inner);
            }
            Ok((guard, WaitTimeoutResult))
        }
    }

    impl WaitTimeoutResult {
        pub(crate) fn timed_out(&self) -> bool {
            false
        }
    }
}
