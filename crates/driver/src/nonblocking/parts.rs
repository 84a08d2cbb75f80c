//! Runs acquisitions with the parts of a source for tasks.

use std::sync::Arc;

use edge_oauth_no_io::{Action, Claim, Claimed, Completion, Finish, SharedResponse, StoreError};

use crate::credentials::{
    AsyncAssertionSource, AsyncSigner, missing_assertion_source, missing_signer,
};
use crate::flight::{Asked, FinishLater, Flight, Work};
use crate::nonblocking::either::{either, within};
use crate::nonblocking::runtime::Runtime;
use crate::nonblocking::transport::DynTransport;
use crate::store::{AsyncStore, missing_store};
use crate::store_guard::guarded_later;
use crate::store_key::StoreKey;

/// The parts that a user gives a source.
pub(crate) struct Parts<R> {
    pub(crate) transport: Box<dyn DynTransport>,
    pub(crate) runtime: R,
    pub(crate) signer: Option<Box<dyn AsyncSigner>>,
    pub(crate) assertion_source: Option<Box<dyn AsyncAssertionSource>>,
    pub(crate) store: Option<Box<dyn AsyncStore>>,
}

impl<R: Runtime> Parts<R> {
    /// The loop: poll, do the action, handle the result.
    pub(crate) async fn run(&self, mut flight: Flight) {
        let (span, work) = (flight.start_span(), flight.work());
        let exchange = async {
            loop {
                match flight.poll(self.runtime.now()) {
                    Action::Send(request, limits) => {
                        // Inside of a future, so that a panic before there is one is the transport's too.
                        let sent = async { self.transport.send_boxed(request, limits).await };
                        let completion = match flight.ask_later(Asked::Transport, sent).await {
                            Ok(response) => Completion::Response(response),
                            Err(error) => Completion::Failed(error),
                        };
                        flight.handle(completion, self.runtime.now());
                    }
                    Action::Sign(to_sign) => {
                        let signature = match &self.signer {
                            Some(signer) => {
                                let signature = async { signer.sign(&to_sign).await };
                                flight.ask_later(Asked::Signer, signature).await
                            }
                            None => Err(missing_signer()),
                        };
                        flight.handle(Completion::Signature(signature), self.runtime.now());
                    }
                    Action::Assertion(request) => {
                        let assertion = match &self.assertion_source {
                            Some(source) => {
                                let assertion = async { source.assertion(&request).await };
                                flight.ask_later(Asked::AssertionSource, assertion).await
                            }
                            None => Err(missing_assertion_source()),
                        };
                        flight.handle(Completion::Assertion(assertion), self.runtime.now());
                    }
                    Action::Claim(claim) => {
                        let claimed = self.claim(&mut flight, &claim).await;
                        flight.handle(Completion::Claimed(claimed), self.runtime.now());
                    }
                    Action::Pause(pause) => {
                        work.set_paused(true);
                        either(flight.notified(), self.runtime.sleep(pause)).await;
                        work.set_paused(false);
                    }
                    // Each action is completed before the next poll, so there is nothing to wait for.
                    _ => break,
                }
            }
            flight
        };
        let mut flight = span.run_future(exchange).await;
        if let Some((key, finish)) = flight.finish(self.runtime.now()) {
            let result = self.finish(&key, finish).await;
            flight.handle_finished(result);
        }
    }

    async fn claim(
        &self,
        flight: &mut Flight,
        claim: &Claim,
    ) -> Result<Claimed<Option<SharedResponse>>, StoreError> {
        let store = self.store.as_ref().ok_or_else(missing_store)?;
        let key = flight.store_key(|config| store.key(config))?;
        let claimed = guarded_later(async { Ok(key.open(store.claim(&key, claim).await?)) });
        let claimed = within(claimed, self.runtime.sleep(claim.timeout)).await;
        claimed.unwrap_or_else(|| Err(StoreError::timeout()))
    }

    async fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        let store = self.store.as_ref().ok_or_else(missing_store)?;
        let timeout = self.runtime.sleep(finish.timeout);
        let finished = guarded_later(async { store.finish(key, finish).await });
        let finished = within(finished, timeout).await;
        finished.unwrap_or_else(|| Err(StoreError::timeout()))
    }
}

impl<R: Runtime> FinishLater for Parts<R> {
    fn finish_later(self: Arc<Self>, work: Arc<Work>, key: StoreKey, finish: Finish<Vec<u8>>) {
        let parts = Arc::clone(&self);
        self.runtime.spawn(Box::pin(async move {
            work.handle_finished(parts.finish(&key, finish).await);
        }));
    }
}
