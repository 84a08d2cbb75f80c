//! The state that the threads of a server share.

use std::net::TcpStream;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, Weak};

use crate::exchange::LONG;
use crate::server::received_request::ReceivedRequest;

#[derive(Default)]
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) changed: Condvar,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) stopped: bool,
    /// Each socket belongs to its thread, so it closes when its handler returns.
    pub(crate) sockets: Vec<Weak<TcpStream>>,
    pub(crate) requests: Vec<ReceivedRequest>,
    /// The number of bytes written on each connection, once it is closed.
    pub(crate) ended: Vec<Option<usize>>,
    pub(crate) signals: usize,
}

impl Shared {
    /// Stores a request without its body, and returns its index.
    pub(crate) fn received(&self, request: ReceivedRequest) -> usize {
        let mut state = self.lock();
        state.requests.push(request);
        state.requests.len() - 1
    }

    pub(crate) fn completed(&self, request: usize, body: &[u8]) {
        self.lock().requests[request].body = body.to_vec();
    }

    pub(crate) fn signal(&self) {
        self.lock().signals += 1;
        self.changed.notify_all();
    }

    pub(crate) fn wait_for_signals(&self, times: usize) {
        self.wait(|state| state.signals >= times);
    }

    pub(crate) fn wait_until_stopped(&self) {
        let mut state = self.lock();
        while !state.stopped {
            state = self.changed.wait(state).unwrap();
        }
    }

    /// Waits until the condition holds or the server is dropped.
    pub(crate) fn wait(&self, condition: impl Fn(&State) -> bool) {
        let (state, waited) = self
            .changed
            .wait_timeout_while(self.lock(), LONG, |state| {
                !state.stopped && !condition(state)
            })
            .unwrap();
        drop(state);
        assert!(!waited.timed_out(), "a server waited in vain");
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
