//! Runs acquisitions with the parts of a source for threads.

use std::sync::Arc;

use edge_oauth_no_io::{Action, Claim, Claimed, Completion, Finish, SharedResponse, StoreError};

use crate::blocking::runtime::Runtime;
use crate::blocking::transport::Transport;
use crate::credentials::{AssertionSource, Signer, missing_assertion_source, missing_signer};
use crate::flight::{Asked, FinishLater, Flight, Work};
use crate::store::{Store, missing_store};
use crate::store_guard::guarded;
use crate::store_key::StoreKey;

/// The parts that a user gives a source.
pub(crate) struct Parts<R> {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) runtime: R,
    pub(crate) signer: Option<Box<dyn Signer>>,
    pub(crate) assertion_source: Option<Box<dyn AssertionSource>>,
    pub(crate) store: Option<Box<dyn Store>>,
}

impl<R: Runtime> Parts<R> {
    /// The loop: poll, do the action, handle the result.
    pub(crate) fn run(&self, mut flight: Flight) {
        let (span, work) = (flight.start_span(), flight.work());
        span.run(|| {
            loop {
                match flight.poll(self.runtime.now()) {
                    Action::Send(request, limits) => {
                        let sent =
                            flight.ask(Asked::Transport, || self.transport.send(request, limits));
                        let completion = match sent {
                            Ok(response) => Completion::Response(response),
                            Err(error) => Completion::Failed(error),
                        };
                        flight.handle(completion, self.runtime.now());
                    }
                    Action::Sign(to_sign) => {
                        let signer = self.signer.as_ref().ok_or_else(missing_signer);
                        let signature = signer
                            .and_then(|signer| flight.ask(Asked::Signer, || signer.sign(&to_sign)));
                        flight.handle(Completion::Signature(signature), self.runtime.now());
                    }
                    Action::Assertion(request) => {
                        let source = self
                            .assertion_source
                            .as_ref()
                            .ok_or_else(missing_assertion_source);
                        let assertion = source.and_then(|source| {
                            flight.ask(Asked::AssertionSource, || source.assertion(&request))
                        });
                        flight.handle(Completion::Assertion(assertion), self.runtime.now());
                    }
                    Action::Claim(claim) => {
                        let claimed = self.claim(&mut flight, &claim);
                        flight.handle(Completion::Claimed(claimed), self.runtime.now());
                    }
                    Action::Pause(pause) => {
                        work.set_paused(true);
                        self.runtime.wait(flight.notified(), pause);
                        work.set_paused(false);
                    }
                    // Each action is completed before the next poll, so there is nothing to wait for.
                    _ => break,
                }
            }
        });
        if let Some((key, finish)) = flight.finish(self.runtime.now()) {
            let result = self.finish(&key, finish);
            flight.handle_finished(result);
        }
    }

    fn claim(
        &self,
        flight: &mut Flight,
        claim: &Claim,
    ) -> Result<Claimed<Option<SharedResponse>>, StoreError> {
        let store = self.store.as_ref().ok_or_else(missing_store)?;
        let key = flight.store_key(|config| store.key(config))?;
        guarded(|| Ok(key.open(store.claim(&key, claim)?)))
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        let store = self.store.as_ref().ok_or_else(missing_store)?;
        guarded(|| store.finish(key, finish))
    }
}

impl<R: Runtime> FinishLater for Parts<R> {
    fn finish_later(self: Arc<Self>, work: Arc<Work>, key: StoreKey, finish: Finish<Vec<u8>>) {
        let parts = Arc::clone(&self);
        self.runtime.spawn(Box::new(move || {
            work.handle_finished(parts.finish(&key, finish));
        }));
    }
}
