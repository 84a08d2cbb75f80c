//! The state that the server thread and its user's threads share.

use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{Request, Response};
use tokio::sync::watch;
use tokio::task::JoinError;

use crate::api::webhooks::delivery::{DeliveryOutcome, PendingDelivery};
use crate::fault::Transfer;
use crate::server::response::UnsignedResponse;
use crate::server::simulator::{Served, Simulator};

/// The server's state behind a lock.
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

pub(crate) struct State {
    pub(crate) simulator: Simulator,
    clock_offset: Duration,
    /// One receiver per [`Hold`]. A dropped sender is the signal; nothing is ever sent.
    holds: Vec<watch::Receiver<()>>,
}

/// Delays the responses to token requests that arrive while it lives. The requests are handled and counted.
///
/// Dropping it sends the responses. If several guards live when a request arrives, its response waits for all of
/// them.
#[must_use = "the responses are sent when it is dropped"]
pub struct Hold {
    _release: watch::Sender<()>,
}

/// A response, and the guards that have to be dropped before it is sent.
pub(crate) struct PendingResponse {
    pub(crate) unsigned: UnsignedResponse,
    holds: Vec<watch::Receiver<()>>,
}

impl Shared {
    pub(crate) fn new(simulator: Simulator) -> Self {
        let state = State {
            simulator,
            clock_offset: Duration::ZERO,
            holds: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn respond(&self, request: &Request<Vec<u8>>) -> PendingResponse {
        let mut state = self.lock();
        let pending = state.respond(request);
        drop(state);
        self.changed.notify_all();
        pending
    }

    pub(crate) fn record_delivery(&self, delivery: PendingDelivery, outcome: DeliveryOutcome) {
        let mut state = self.lock();
        let now = state.now();
        state.simulator.record_delivery(delivery, outcome, now);
        drop(state);
        self.changed.notify_all();
    }

    /// Blocks until enough requests were served.
    pub(crate) fn wait_until(&self, is_enough: impl Fn(Served) -> bool) {
        let mut state = self.lock();
        while !is_enough(state.simulator.served()) {
            let woken = self.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl State {
    pub(crate) fn advance(&mut self, by: Duration) {
        self.clock_offset = self.clock_offset.saturating_add(by);
    }

    pub(crate) fn hold(&mut self) -> Hold {
        let (release, released) = watch::channel(());
        self.holds.push(released);
        Hold { _release: release }
    }

    fn now(&self) -> Duration {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH);
        wall.unwrap_or_default().saturating_add(self.clock_offset)
    }

    fn respond(&mut self, request: &Request<Vec<u8>>) -> PendingResponse {
        let now = self.now();
        let before = self.simulator.served().token_requests;
        let unsigned = self.simulator.decide(request, now);
        self.holds.retain(|hold| hold.has_changed().is_ok());
        let is_token = self.simulator.served().token_requests > before;
        let holds = if is_token {
            self.holds.clone()
        } else {
            Vec::new()
        };
        PendingResponse { unsigned, holds }
    }
}

impl PendingResponse {
    /// Signs the token if there is one, on a thread for that, and waits until the response is due. Returns `None` if the
    /// response is lost.
    pub(crate) async fn complete(mut self) -> Result<Option<Response<Vec<u8>>>, JoinError> {
        let Transfer { delay, is_lost } = self.unsigned.transfer;
        let simulated = if self.unsigned.response.body().is_unsigned() {
            tokio::task::spawn_blocking(|| self.unsigned.sign()).await?
        } else {
            self.unsigned.sign()
        };
        // A sleep of zero would still take until the next tick of the timer.
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        for hold in &mut self.holds {
            while hold.changed().await.is_ok() {}
        }
        Ok((!is_lost).then_some(simulated.response))
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hold").finish_non_exhaustive()
    }
}
