//! Time that does not pass by itself.

use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use edge_oauth_no_io::Moment;

use crate::maybe_send::BoxFuture;
use crate::nonblocking::either::either;
use crate::notify::{Notified, Notify};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Mutex, PoisonError, thread};
use crate::testing::block_on::block_on;
use crate::{blocking, nonblocking};

/// A clock that a test moves, as the runtime of a source for threads or for tasks. Clones are one clock.
///
/// A clock of [`Clock::new`] moves on by itself when a caller waits and no background request runs, so a backoff takes no
/// time and no test hangs. That is for tests with one caller at a time. If several threads or tasks ask at once, use
/// [`Clock::manual`], which moves only by [`advance`](Self::advance).
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_driver::testing::Clock;
///
/// let clock = Clock::new();
/// let start = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now(), start.after(Duration::from_secs(60)));
/// ```
#[derive(Clone, Debug)]
pub struct Clock(Arc<State>);

#[derive(Debug)]
struct State {
    now: Mutex<Moment>,
    changed: Notify,
    advances: bool,
    /// How many background jobs run.
    jobs: AtomicUsize,
}

impl Clock {
    /// Returns a clock that moves on when a caller waits. It shows an hour of the monotonic clock and a day in 2027.
    pub fn new() -> Self {
        Self::with(true)
    }

    /// Returns a clock that only a test moves.
    pub fn manual() -> Self {
        Self::with(false)
    }

    fn with(advances: bool) -> Self {
        let now = Moment {
            monotonic: Duration::from_secs(3600),
            wall: Duration::from_secs(1_800_000_000),
        };
        Self(Arc::new(State {
            now: Mutex::new(now),
            changed: Notify::default(),
            advances,
            jobs: AtomicUsize::new(0),
        }))
    }

    /// Returns what it shows.
    pub fn now(&self) -> Moment {
        *self.0.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves both clocks on, and wakes the waits whose time has come.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().after(by));
    }

    /// Moves the wall clock alone, as when the machine slept.
    pub fn sleep_machine(&self, by: Duration) {
        let now = self.now();
        self.set(Moment {
            wall: now.wall.saturating_add(by),
            ..now
        });
    }

    /// Sets the wall clock back, as an administrator or a time server does.
    pub fn set_back(&self, by: Duration) {
        let now = self.now();
        self.set(Moment {
            wall: now.wall.saturating_sub(by),
            ..now
        });
    }

    fn set(&self, now: Moment) {
        *self.0.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
        self.0.changed.notify_all();
    }

    /// Waits until the monotonic clock shows this time.
    async fn until(self, time: Duration) {
        let mut was_idle = false;
        loop {
            let changed = self.0.changed.notified();
            let left = time.saturating_sub(self.now().monotonic);
            if left.is_zero() {
                return;
            }
            if self.0.advances && self.0.jobs.load(Ordering::SeqCst) == 0 {
                // A job that ended just now may have notified the wait beside this one.
                if was_idle {
                    self.advance(left);
                    return;
                }
                was_idle = true;
                pending_once().await;
            } else {
                was_idle = false;
                changed.await;
            }
        }
    }

    /// Runs in a thread, which counts until it ends or is dropped unrun.
    fn run(&self, job: impl FnOnce() + Send + 'static) {
        struct Running(Clock);

        impl Drop for Running {
            fn drop(&mut self) {
                let state = &self.0.0;
                state.jobs.fetch_sub(1, Ordering::SeqCst);
                state.changed.notify_all();
            }
        }

        self.0.jobs.fetch_add(1, Ordering::SeqCst);
        let running = Running(self.clone());
        let _ = thread::Builder::new().spawn(move || {
            let _running = running;
            job();
        });
    }
}

/// Has the future of the caller polled once more, with all that it waits for.
async fn pending_once() {
    let mut was_polled = false;
    poll_fn(|cx| {
        if mem::replace(&mut was_polled, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl blocking::Runtime for Clock {
    fn now(&self) -> Moment {
        self.now()
    }

    fn wait(&self, notified: Notified, at_most: Duration) {
        let until = self.now().monotonic.saturating_add(at_most);
        block_on(either(notified, pin!(self.clone().until(until))));
    }

    fn spawn(&self, job: Box<dyn FnOnce() + Send>) {
        self.run(job);
    }
}

impl nonblocking::Runtime for Clock {
    fn now(&self) -> Moment {
        self.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let until = self.now().monotonic.saturating_add(duration);
        Box::pin(self.clone().until(until))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.run(|| block_on(task));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn machine_that_sleeps_or_is_set_back_moves_the_wall_clock_alone() {
        let (clock, second) = (Clock::manual(), Duration::from_secs(1));
        let began = clock.now();
        clock.sleep_machine(3 * second);
        assert_eq!(clock.now().wall, began.wall + 3 * second);
        clock.set_back(5 * second);
        assert_eq!(clock.now().wall, began.wall - 2 * second);
        assert_eq!(clock.now().monotonic, began.monotonic);
    }

    #[test]
    fn manual_clock_does_not_move_for_a_caller_that_waits() {
        let (clock, second) = (Clock::manual(), Duration::from_secs(1));
        let began = clock.now();
        let mut sleep = nonblocking::Runtime::sleep(&clock, second);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..3 {
            assert!(sleep.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(clock.now(), began);
        clock.advance(second);
        assert!(sleep.as_mut().poll(&mut context).is_ready());
    }

    #[test]
    fn clock_runs_jobs_of_threads_in_the_background() {
        let (done, is_done) = channel();
        blocking::Runtime::spawn(&Clock::new(), Box::new(move || done.send(7).unwrap()));
        assert_eq!(is_done.recv(), Ok(7));
    }

    // fault: clock-of-a-test-jumps-past-a-response
    /// The job ends between the look at the notification and the look at the jobs.
    #[test]
    fn clock_stays_if_a_job_that_just_ended_has_notified_the_wait() {
        let (clock, notify) = (Clock::new(), Notify::default());
        let began = clock.now();
        let mut notified = Box::pin(notify.notified());
        let notified = poll_fn(|cx| {
            let polled = notified.as_mut().poll(cx);
            notify.notify_all();
            polled
        });
        block_on(either(notified, pin!(clock.clone().until(Duration::MAX))));
        assert_eq!(clock.now(), began);
    }
}
