//! One value that goes from the store's thread to a caller, which may be a thread or a task.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use edge_oauth_no_io::StoreError;

/// The sender of a value. If it is dropped without one, the caller gets `None`.
pub(super) struct Reply<R>(Arc<Slot<R>>);

/// The caller's side.
#[must_use]
pub(super) struct Waiting<R> {
    slot: Arc<Slot<R>>,
    unread: Option<Box<dyn FnOnce(R) + Send>>,
}

struct Slot<R> {
    state: Mutex<State<R>>,
    changed: Condvar,
}

struct State<R> {
    reply: Option<R>,
    done: bool,
    is_gone: bool,
    waker: Option<Waker>,
}

impl<R> Slot<R> {
    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn pair<R>() -> (Reply<R>, Waiting<R>) {
    let slot = Arc::new(Slot {
        state: Mutex::new(State {
            reply: None,
            done: false,
            is_gone: false,
            waker: None,
        }),
        changed: Condvar::new(),
    });
    let waiting = Waiting {
        slot: slot.clone(),
        unread: None,
    };
    (Reply(slot), waiting)
}

impl<R> Reply<R> {
    /// Returns the value if the caller does not wait for it any more.
    pub(super) fn send(self, reply: R) -> Result<(), R> {
        let mut state = self.0.lock();
        if state.is_gone {
            return Err(reply);
        }
        // As one step: a caller that gives up now must find the value, or leave it here.
        (state.reply, state.done) = (Some(reply), true);
        Ok(())
    }
}

impl<R> Drop for Reply<R> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.done = true;
        let waker = state.waker.take();
        drop(state);
        self.0.changed.notify_one();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<R> Waiting<R> {
    /// Sets what is done with a reply that comes, and that the caller leaves unread.
    pub(super) fn if_unread(mut self, then: impl FnOnce(R) + Send + 'static) -> Self {
        self.unread = Some(Box::new(then));
        self
    }

    /// Blocks the thread until there is a reply.
    ///
    /// # Errors
    ///
    /// Returns a timeout if there is none in time.
    pub(super) fn wait(self, timeout: Duration) -> Result<Option<R>, StoreError> {
        let state = self.slot.lock();
        let changed = &self.slot.changed;
        let waited = changed.wait_timeout_while(state, timeout, |state| !state.done);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match state.done {
            true => Ok(state.reply.take()),
            false => Err(StoreError::timeout()),
        }
    }
}

impl<R> Drop for Waiting<R> {
    fn drop(&mut self) {
        let mut state = self.slot.lock();
        state.is_gone = true;
        let unread = state.reply.take();
        drop(state);
        if let (Some(reply), Some(then)) = (unread, self.unread.take()) {
            then(reply);
        }
    }
}

impl<R> Future for Waiting<R> {
    type Output = Option<R>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<R>> {
        let mut state = self.slot.lock();
        if state.done {
            return Poll::Ready(state.reply.take());
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
