//! A bell that wakes whoever listens, threads and tasks alike.

use std::collections::BTreeMap;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Rings for everyone who listens at that moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notify(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    rang: Condvar,
}

#[derive(Debug, Default)]
struct State {
    rings: u64,
    listeners: u64,
    /// The tasks that wait, by the number of their listener.
    tasks: BTreeMap<u64, Waker>,
}

impl Notify {
    /// Hears the next ring, even one before it is waited for.
    pub(crate) fn listen(&self) -> Notified {
        let mut state = self.0.lock();
        state.listeners += 1;
        Notified {
            number: state.listeners,
            after: state.rings,
            bell: Arc::clone(&self.0),
        }
    }

    pub(crate) fn ring(&self) {
        let mut state = self.0.lock();
        state.rings += 1;
        let tasks = mem::take(&mut state.tasks);
        drop(state);
        self.0.rang.notify_all();
        tasks.into_values().for_each(Waker::wake);
    }
}

/// Hears one ring of a source's bell: something has happened to its token.
///
/// A task awaits it, a thread calls [`wait`](Self::wait).
#[derive(Debug)]
#[must_use = "a listener that is dropped hears nothing"]
pub struct Notified {
    bell: Arc<Inner>,
    number: u64,
    after: u64,
}

impl Notified {
    /// Blocks until the bell rings, or at most for this time. Whether it rang.
    pub fn wait(self, at_most: Duration) -> bool {
        let is_silent = |state: &mut State| state.rings == self.after;
        let (state, timeout) = self
            .bell
            .rang
            .wait_timeout_while(self.bell.lock(), at_most, is_silent)
            .unwrap_or_else(PoisonError::into_inner);
        drop(state);
        !timeout.timed_out()
    }
}

impl Future for Notified {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.bell.lock();
        if state.rings != self.after {
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
        let waker = self.bell.lock().tasks.remove(&self.number);
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

    fn poll(listener: &mut Notified, count: &Arc<Count>) -> Poll<()> {
        let waker = Waker::from(Arc::clone(count));
        Pin::new(listener).poll(&mut Context::from_waker(&waker))
    }

    #[test]
    fn one_ring_wakes_threads_and_tasks() {
        let (bell, count) = (Notify::default(), Arc::default());
        let mut tasks = [bell.listen(), bell.listen()];
        assert!(tasks.iter_mut().all(|task| poll(task, &count).is_pending()));
        thread::scope(|scope| {
            let threads = [bell.listen(), bell.listen()];
            let threads = threads.map(|bell| scope.spawn(|| bell.wait(Duration::MAX)));
            bell.ring();
            assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
        });
        assert_eq!(count.0.load(Ordering::Relaxed), 2);
        assert!(tasks.iter_mut().all(|task| poll(task, &count).is_ready()));
    }

    #[test]
    fn a_ring_is_heard_by_those_who_listened_before_it_alone() {
        let (bell, count) = (Notify::default(), Arc::default());
        let (mut first, second) = (bell.listen(), bell.listen());
        bell.ring();
        assert!(poll(&mut first, &count).is_ready());
        assert!(second.wait(Duration::ZERO));
        assert!(poll(&mut bell.listen(), &count).is_pending());
        assert!(!bell.listen().wait(Duration::ZERO));
    }

    #[test]
    fn a_task_is_woken_once_by_the_waker_it_gave_last() {
        let bell = Notify::default();
        let mut listener = bell.listen();
        let counts: [Arc<Count>; 2] = Default::default();
        for count in &counts {
            assert!(poll(&mut listener, count).is_pending());
        }
        bell.ring();
        bell.ring();
        let woken = counts.map(|count| count.0.load(Ordering::Relaxed));
        assert_eq!(woken, [0, 1]);
    }

    #[test]
    fn a_listener_that_is_dropped_leaves_no_waker() {
        let (bell, count) = (Notify::default(), Arc::default());
        let mut listener = bell.listen();
        assert!(poll(&mut listener, &count).is_pending());
        drop(listener);
        assert_eq!(Arc::strong_count(&count), 1);
    }
}
