//! An acquisition in flight: comes back to the keeper whatever happens to the code that runs it.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;

use edge_oauth_no_io::{
    Acquisition, Action, Completion, Config, CredentialError, Finish, Moment, StoreError,
    TransportError, TransportErrorKind,
};

use crate::maybe_send::{MaybeSend, MaybeSync};
use crate::notify::Notified;
use crate::random;
use crate::shared::Shared;
use crate::store::missing_store;
use crate::store_guard::guarded;
use crate::store_key::StoreKey;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::thread;
use crate::trace::RequestSpan;

/// Dropped before it is finished, it hands the acquisition back, so that another caller can start the next one, and its
/// lease, so that another process can.
pub(crate) struct Flight {
    shared: Arc<Shared>,
    parts: Arc<dyn FinishLater>,
    acquisition: Option<Acquisition>,
    /// The latest reading of the clocks.
    now: Moment,
    asked: Option<Asked>,
    /// The place in the store of the configuration that the acquisition is for.
    key: Option<StoreKey>,
    /// The end of the lease, until the store has it.
    finish: Option<(StoreKey, Finish<Vec<u8>>)>,
    work: Arc<Work>,
    /// `None` before it runs.
    span: Option<RequestSpan>,
}

/// The parts of a source, as a flight that is dropped needs them.
pub(crate) trait FinishLater: MaybeSend + MaybeSync {
    /// Hands the end of a lease to the store in the background. If that cannot be done, the lease ends by itself.
    fn finish_later(self: Arc<Self>, work: Arc<Work>, key: StoreKey, finish: Finish<Vec<u8>>);
}

/// The work of one acquisition, up to the end of its lease in the store. Dropped, it is over.
pub(crate) struct Work {
    shared: Arc<Shared>,
    is_paused: AtomicBool,
}

/// The code of somebody else that is on the stack right now: a panic is its own, and not its caller's.
#[derive(Clone, Copy)]
pub(crate) enum Asked {
    Transport,
    Signer,
    AssertionSource,
}

impl Flight {
    pub(crate) fn new(
        shared: &Arc<Shared>,
        parts: Arc<dyn FinishLater>,
        acquisition: Acquisition,
        now: Moment,
    ) -> Self {
        Self {
            shared: Arc::clone(shared),
            parts,
            acquisition: Some(acquisition),
            now,
            asked: None,
            key: None,
            finish: None,
            work: Arc::new(Work::new(shared)),
            span: None,
        }
    }

    /// Starts the span of the token request, in the thread or task that runs it: the span of a caller would stay open for
    /// as long as a refresh in the background.
    pub(crate) fn start_span(&mut self) -> RequestSpan {
        let attempt = self.acquisition.as_ref().map_or(0, Acquisition::attempt);
        let span = RequestSpan::new(&self.config(), attempt);
        self.span.insert(span).clone()
    }

    /// Returns the work, which outlives the flight until the store has the response.
    pub(crate) fn work(&self) -> Arc<Work> {
        Arc::clone(&self.work)
    }

    pub(crate) fn poll(&mut self, now: Moment) -> Action {
        self.now = now;
        match &mut self.acquisition {
            Some(acquisition) => acquisition.poll(now, random::unique()),
            None => Action::Done,
        }
    }

    pub(crate) fn handle(&mut self, completion: Completion, now: Moment) {
        self.now = now;
        if let Some(acquisition) = &mut self.acquisition {
            acquisition.handle(completion, now);
        }
    }

    /// Runs somebody else's code.
    pub(crate) fn ask<R>(&mut self, asked: Asked, code: impl FnOnce() -> R) -> R {
        self.asked = Some(asked);
        let result = code();
        self.asked = None;
        result
    }

    /// Runs somebody else's future. Only a panic inside of a poll is its own: the caller's task may unwind between two
    /// polls.
    pub(crate) async fn ask_later<F: Future>(&mut self, asked: Asked, code: F) -> F::Output {
        let mut code = pin!(code);
        std::future::poll_fn(|cx| self.ask(asked, || code.as_mut().poll(cx))).await
    }

    /// Returns the store key, which is made at the first claim.
    pub(crate) fn store_key(
        &mut self,
        key: impl FnOnce(&Config) -> Result<StoreKey, StoreError>,
    ) -> Result<StoreKey, StoreError> {
        let config = self
            .acquisition
            .as_ref()
            .ok_or_else(missing_store)?
            .config();
        match &self.key {
            Some(key) => Ok(key.clone()),
            None => Ok(self.key.insert(guarded(|| key(config))?).clone()),
        }
    }

    /// Returns the configuration that a token is requested for.
    fn config(&self) -> Config {
        match &self.acquisition {
            Some(acquisition) => acquisition.config().clone(),
            None => self.shared.config(),
        }
    }

    pub(crate) fn notified(&self) -> Notified {
        self.shared.notified()
    }

    /// Reports the outcome. Returns what is left to do with the store.
    pub(crate) fn finish(&mut self, now: Moment) -> Option<(StoreKey, Finish<Vec<u8>>)> {
        let (outcome, finish) = self.shared.finish(self.acquisition.take()?, now);
        if let Some(span) = self.span.take() {
            span.end(outcome);
        }
        let finish = finish?;
        let key = self.key.take()?;
        match guarded(|| key.seal(finish)) {
            Ok(finish) => self.finish = Some((key, finish)),
            Err(error) => self.shared.handle_store_error(error),
        }
        self.finish.clone()
    }

    /// Takes the store's result, which ends the flight.
    pub(crate) fn handle_finished(mut self, result: Result<bool, StoreError>) {
        self.finish = None;
        self.work.handle_finished(result);
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        // Code that panics will do so again: without a backoff, at every call.
        if let (true, Some(asked)) = (thread::panicking(), self.asked) {
            self.handle(asked.panicked(), self.now);
        }
        self.finish(self.now);
        if let Some((key, finish)) = self.finish.take() {
            let (parts, work) = (Arc::clone(&self.parts), self.work());
            // A second panic, of the runtime, would end the process.
            let spawn = AssertUnwindSafe(|| parts.finish_later(work, key, finish));
            let _ = catch_unwind(spawn);
        }
    }
}

impl Work {
    /// Returns the work that `poll` has counted.
    fn new(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Arc::clone(shared),
            is_paused: AtomicBool::new(false),
        }
    }

    /// Reports it if the store did not take the end of the lease.
    pub(crate) fn handle_finished(&self, result: Result<bool, StoreError>) {
        if let Err(error) = result {
            self.shared.handle_store_error(error);
        }
    }

    /// Says whether the acquisition only waits for another process, which `settle` does not wait for.
    pub(crate) fn set_paused(&self, paused: bool) {
        match (self.is_paused.swap(paused, Ordering::SeqCst), paused) {
            (false, true) => self.shared.end_work(),
            (true, false) => {
                self.shared.working.fetch_add(1, Ordering::SeqCst);
            }
            _ => {}
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.set_paused(true);
    }
}

impl Asked {
    fn panicked(self) -> Completion {
        let error = |what| CredentialError::transient(format_args!("the {what} panicked"));
        match self {
            Self::Transport => {
                let why = "the transport panicked";
                Completion::Failed(TransportError::new(TransportErrorKind::Other, why))
            }
            Self::Signer => Completion::Signature(Err(error("signer"))),
            Self::AssertionSource => Completion::Assertion(Err(error("assertion source"))),
        }
    }
}
