//! What the threads of a peer have in common.

use std::net::TcpStream;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, Weak};

use crate::exchange::LONG;
use crate::server::received_request::Received;

#[derive(Default)]
pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) changed: Condvar,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) stopped: bool,
    /// Sockets belong to their threads, so that they close when their handlers are done.
    pub(crate) sockets: Vec<Weak<TcpStream>>,
    pub(crate) requests: Vec<Received>,
    /// By the number of the connection: the bytes written, once it is closed.
    pub(crate) ended: Vec<Option<usize>>,
    pub(crate) raised: usize,
}

impl Shared {
    /// Counts a request whose body is still to come, and says where it stands.
    pub(crate) fn received(&self, request: Received) -> usize {
        let mut state = self.lock();
        state.requests.push(request);
        state.requests.len() - 1
    }

    pub(crate) fn completed(&self, request: usize, body: &[u8]) {
        self.lock().requests[request].body = body.to_vec();
    }

    pub(crate) fn raise(&self) {
        self.lock().raised += 1;
        self.changed.notify_all();
    }

    pub(crate) fn until_raised(&self, times: usize) {
        self.wait(|state| state.raised >= times);
    }

    pub(crate) fn until_stopped(&self) {
        let mut state = self.lock();
        while !state.stopped {
            state = self.changed.wait(state).unwrap();
        }
    }

    /// Waits until it is so, or the peer is dropped.
    pub(crate) fn wait(&self, is_so: impl Fn(&State) -> bool) {
        let (state, waited) = self
            .changed
            .wait_timeout_while(self.lock(), LONG, |state| !state.stopped && !is_so(state))
            .unwrap();
        drop(state);
        assert!(!waited.timed_out(), "what the peer waits for does not come");
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
