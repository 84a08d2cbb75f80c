//! Locks, atomics and threads: those of the standard library, or of a model that tries thread schedules.
//!
//! `.ci/schedules` compiles the unit tests with `--cfg shuttle` or `--cfg loom`. Every other build has the standard
//! library. `Arc` is always the standard one: shuttle's is the same, and loom's cannot hold a `dyn Trait`.

#[cfg(not(all(test, any(loom, shuttle))))]
pub(crate) use standard::*;

#[cfg(all(test, any(loom, shuttle)))]
pub(crate) use model::*;

#[cfg(not(all(test, any(loom, shuttle))))]
mod standard {
    use std::cell::Cell;

    pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError, atomic};
    pub(crate) use std::thread;

    use atomic::{AtomicUsize, Ordering};

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

#[cfg(all(test, any(loom, shuttle)))]
pub(crate) mod model {
    pub(crate) use std::sync::PoisonError;

    #[cfg(loom)]
    pub(crate) use loom::{
        sync::{Mutex, MutexGuard, atomic},
        thread,
    };
    #[cfg(shuttle)]
    pub(crate) use shuttle::{
        sync::{Condvar, Mutex, MutexGuard, atomic},
        thread,
    };

    use atomic::{AtomicBool, Ordering};

    #[cfg(loom)]
    pub(crate) use for_loom::{Condvar, thread_number};

    /// Returns the number of this thread in its schedule.
    #[cfg(shuttle)]
    pub(crate) fn thread_number() -> usize {
        thread::current().id().into()
    }

    /// `OnceLock` of the standard library, which both models lack, with the ordering that it has.
    pub(crate) struct OnceLock<T> {
        /// With a value that the model ties to the thread that made it: loom rejects a read that is not ordered after.
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
            if !self.is_set.load(ordering(Ordering::Acquire)) {
                return None;
            }
            let (value, made) = self.value.get()?;
            made.load(Ordering::Relaxed);
            Some(value)
        }

        pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
            let (value, _) = self.value.get_or_init(|| (make(), AtomicBool::new(true)));
            self.is_set.store(true, ordering(Ordering::Release));
            value
        }
    }

    std::thread_local! {
        /// Seeds a fault: the cell orders nothing. A model runs all of its threads on one thread of the system.
        pub(crate) static IS_RELAXED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }

    fn ordering(ordering: Ordering) -> Ordering {
        match IS_RELAXED.get() {
            true => Ordering::Relaxed,
            false => ordering,
        }
    }

    #[cfg(loom)]
    mod for_loom {
        use std::sync::PoisonError;
        use std::time::Duration;

        use super::MutexGuard;
        use super::atomic::{AtomicUsize, Ordering};

        loom::lazy_static! {
            static ref THREADS: AtomicUsize = AtomicUsize::new(0);
        }

        loom::thread_local! {
            static NUMBER: usize = THREADS.fetch_add(1, Ordering::Relaxed);
        }

        /// Returns the number of this thread, dealt out in turn.
        pub(crate) fn thread_number() -> usize {
            NUMBER.with(|number| *number)
        }

        /// Loom's has no `wait_timeout_while`, and no time. A thread that nothing wakes is a deadlock.
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
}
