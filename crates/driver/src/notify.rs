//! Wakes every thread and task that waits.

use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Wakes all who wait at that moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notify(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The number of notifications. It grows under the lock, and is read without: a task that was woken takes no lock.
    notifications: AtomicU64,
    tasks: Mutex<Tasks>,
    changed: Condvar,
}

/// The tasks that wait for the next notification, which takes all of them out.
#[derive(Debug, Default)]
struct Tasks {
    wakers: Vec<Option<Waker>>,
    free: Vec<usize>,
}

impl Notify {
    /// Returns a wait for the next notification, even one that comes before it is awaited.
    pub(crate) fn notified(&self) -> Notified {
        Notified {
            after: self.0.notifications(),
            place: None,
            notify: Arc::clone(&self.0),
        }
    }

    pub(crate) fn notify_all(&self) {
        let mut tasks = self.0.lock();
        self.0.notifications.fetch_add(1, Ordering::Release);
        let Tasks { wakers, .. } = mem::take(&mut *tasks);
        drop(tasks);
        self.0.changed.notify_all();
        for waker in wakers.into_iter().flatten() {
            // A waker is foreign code. If one panics, the others still have to be woken.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
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
    /// The number of notifications before this wait.
    after: u64,
    /// The place of the task's waker, until the notification.
    place: Option<usize>,
}

impl Notified {
    /// Blocks until the notification, or at most for this time. Returns whether it came.
    pub fn wait(self, at_most: Duration) -> bool {
        let (tasks, timeout) = self
            .notify
            .changed
            .wait_timeout_while(self.notify.lock(), at_most, |_| !self.has_come())
            .unwrap_or_else(PoisonError::into_inner);
        drop(tasks);
        !timeout.timed_out()
    }

    fn has_come(&self) -> bool {
        self.notify.notifications() != self.after
    }
}

impl Future for Notified {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.has_come() {
            return Poll::Ready(());
        }
        // A waker is foreign code: it is cloned and dropped without the lock.
        let waker = Some(cx.waker().clone());
        let mut tasks = self.notify.lock();
        // Under the lock once more: the notification took the wakers of that moment.
        if self.has_come() {
            return Poll::Ready(());
        }
        let place = self.place.unwrap_or_else(|| tasks.place());
        let replaced = mem::replace(&mut tasks.wakers[place], waker);
        drop(tasks);
        drop(replaced);
        self.place = Some(place);
        Poll::Pending
    }
}

impl Drop for Notified {
    fn drop(&mut self) {
        let Some(place) = self.place.filter(|_| !self.has_come()) else {
            return;
        };
        let mut tasks = self.notify.lock();
        if !self.has_come() {
            let waker = tasks.wakers[place].take();
            tasks.free.push(place);
            drop(tasks);
            drop(waker);
        }
    }
}

impl Inner {
    fn notifications(&self) -> u64 {
        self.notifications.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tasks {
    /// Returns a place that no task has.
    fn place(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.wakers.push(None);
            self.wakers.len() - 1
        })
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

    /// A waker that panics.
    struct Panics;

    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a waker panicked");
        }
    }

    // fault: waker-that-panics
    #[test]
    fn waker_that_panics_leaves_no_other_task_asleep() {
        let (notify, count) = (Notify::default(), Arc::default());
        let mut tasks = [notify.notified(), notify.notified(), notify.notified()];
        let panics = Waker::from(Arc::new(Panics));
        let mut panics = Context::from_waker(&panics);
        for task in &mut tasks[..2] {
            assert!(Pin::new(task).poll(&mut panics).is_pending());
        }
        assert!(poll(&mut tasks[2], &count).is_pending());
        notify.notify_all();
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn dropped_wait_leaves_no_waker() {
        let (notify, count) = (Notify::default(), Arc::default());
        let mut notified = notify.notified();
        assert!(poll(&mut notified, &count).is_pending());
        drop(notified);
        assert_eq!(Arc::strong_count(&count), 1);
    }

    #[test]
    fn places_of_dropped_waits_are_used_again() {
        let (notify, count) = (Notify::default(), Arc::default());
        for _ in 0..3 {
            let mut tasks = [notify.notified(), notify.notified()];
            assert!(tasks.iter_mut().all(|task| poll(task, &count).is_pending()));
        }
        assert_eq!(notify.0.lock().wakers.len(), 2);
    }

    #[test]
    fn wait_that_outlives_its_notification_removes_no_other_waker() {
        let (notify, count) = (Notify::default(), Arc::default());
        let mut first = notify.notified();
        assert!(poll(&mut first, &Arc::default()).is_pending());
        notify.notify_all();
        let mut second = notify.notified();
        assert!(poll(&mut second, &count).is_pending());
        drop(first);
        notify.notify_all();
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn notified_task_takes_no_lock() {
        let (notify, count) = (Notify::default(), Arc::default());
        let mut notified = notify.notified();
        assert!(poll(&mut notified, &count).is_pending());
        notify.notify_all();
        let lock = notify.0.lock();
        assert!(poll(&mut notified, &count).is_ready());
        drop(notified);
        drop(lock);
    }
}
