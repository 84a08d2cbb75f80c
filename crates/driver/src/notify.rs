//! Wakes every thread and task that waits.

use std::collections::BTreeMap;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Wakes all who wait at that moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notify(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    notifications: u64,
    waiting: u64,
    /// The tasks that wait, by the number of their wait.
    tasks: BTreeMap<u64, Waker>,
}

impl Notify {
    /// Returns a wait for the next notification, even one that comes before it is awaited.
    pub(crate) fn notified(&self) -> Notified {
        let mut state = self.0.lock();
        state.waiting += 1;
        Notified {
            number: state.waiting,
            after: state.notifications,
            notify: Arc::clone(&self.0),
        }
    }

    pub(crate) fn notify_all(&self) {
        let mut state = self.0.lock();
        state.notifications += 1;
        let tasks = mem::take(&mut state.tasks);
        drop(state);
        self.0.changed.notify_all();
        tasks.into_values().for_each(Waker::wake);
    }
}

/// A wait for one change of a source: something has happened to its token.
///
/// A task awaits it, a thread calls [`wait`](Self::wait).
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_driver::{Notified, blocking, system_time};
/// use edge_oauth_no_io::Moment;
///
/// /// A runtime that counts its waits.
/// #[derive(Default)]
/// struct Counting(std::sync::atomic::AtomicU32);
///
/// impl blocking::Runtime for Counting {
///     fn now(&self) -> Moment {
///         system_time()
///     }
///
///     fn wait(&self, notified: Notified, at_most: Duration) {
///         self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///         notified.wait(at_most);
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "a wait that is dropped waits for nothing"]
pub struct Notified {
    notify: Arc<Inner>,
    number: u64,
    after: u64,
}

impl Notified {
    /// Blocks until the notification, or at most for this time. Returns whether it came.
    pub fn wait(self, at_most: Duration) -> bool {
        let is_silent = |state: &mut State| state.notifications == self.after;
        let (state, timeout) = self
            .notify
            .changed
            .wait_timeout_while(self.notify.lock(), at_most, is_silent)
            .unwrap_or_else(PoisonError::into_inner);
        drop(state);
        !timeout.timed_out()
    }
}

impl Future for Notified {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.notify.lock();
        if state.notifications != self.after {
            return Poll::Ready(());
        }
        let replaced = state.tasks.insert(self.number, cx.waker().clone());
        drop(state);
        // A waker is foreign code.
        drop(replaced);
        Poll::Pending
    }
}

impl Drop for Notified {
    fn drop(&mut self) {
        let waker = self.notify.lock().tasks.remove(&self.number);
        drop(waker);
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;
    use std::thread;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn poll(notified: &mut Notified, count: &Arc<Count>) -> Poll<()> {
        let waker = Waker::from(Arc::clone(count));
        Pin::new(notified).poll(&mut Context::from_waker(&waker))
    }

    #[test]
    fn one_notification_wakes_threads_and_tasks() {
        let (notify, count) = (Notify::default(), Arc::default());
        let mut tasks = [notify.notified(), notify.notified()];
        assert!(tasks.iter_mut().all(|task| poll(task, &count).is_pending()));
        thread::scope(|scope| {
            let threads = [notify.notified(), notify.notified()];
            let threads = threads.map(|notify| scope.spawn(|| notify.wait(Duration::MAX)));
            notify.notify_all();
            assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
        });
        assert_eq!(count.0.load(Ordering::Relaxed), 2);
        assert!(tasks.iter_mut().all(|task| poll(task, &count).is_ready()));
    }

    #[test]
    fn notification_reaches_only_waits_that_began_before_it() {
        let (notify, count) = (Notify::default(), Arc::default());
        let (mut first, second) = (notify.notified(), notify.notified());
        notify.notify_all();
        assert!(poll(&mut first, &count).is_ready());
        assert!(second.wait(Duration::ZERO));
        assert!(poll(&mut notify.notified(), &count).is_pending());
        assert!(!notify.notified().wait(Duration::ZERO));
    }

    #[test]
    fn task_is_woken_once_by_its_last_waker() {
        let notify = Notify::default();
        let mut notified = notify.notified();
        let counts: [Arc<Count>; 2] = Default::default();
        for count in &counts {
            assert!(poll(&mut notified, count).is_pending());
        }
        notify.notify_all();
        notify.notify_all();
        let woken = counts.map(|count| count.0.load(Ordering::Relaxed));
        assert_eq!(woken, [0, 1]);
    }

    #[test]
    fn dropped_wait_leaves_no_waker() {
        let (notify, count) = (Notify::default(), Arc::default());
        let mut notified = notify.notified();
        assert!(poll(&mut notified, &count).is_pending());
        drop(notified);
        assert_eq!(Arc::strong_count(&count), 1);
    }
}
