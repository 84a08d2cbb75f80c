//! Runs acquisitions with the parts of a source for tasks.

use std::sync::Arc;

use edge_oauth_no_io::{Action, Claim, Claimed, Completion, SharedResponse, StoreError};

use crate::credentials::{
    AsyncAssertionSource, AsyncSigner, missing_assertion_source, missing_signer,
};
use crate::flight::{Asked, Flight};
use crate::nonblocking::either::{either, within};
use crate::nonblocking::runtime::Runtime;
use crate::nonblocking::transport::DynTransport;
use crate::store::{AsyncStore, missing_store};
use crate::trace;

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
        let config = flight.config();
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
                        either(flight.notified(), self.runtime.sleep(pause)).await;
                    }
                    // Each action is completed before the next poll, so there is nothing to wait for.
                    _ => break,
                }
            }
            flight
        };
        let flight = trace::future(&config, exchange).await;
        let shared = Arc::clone(flight.shared());
        if let (Some((key, finish)), Some(store)) = (flight.finish(self.runtime.now()), &self.store)
        {
            let timeout = self.runtime.sleep(finish.timeout);
            let finished = within(store.finish(&key, finish), timeout).await;
            if let Err(error) = finished.unwrap_or_else(|| Err(StoreError::timeout())) {
                shared.handle_store_error(error);
            }
        }
    }

    async fn claim(
        &self,
        flight: &mut Flight,
        claim: &Claim,
    ) -> Result<Claimed<Option<SharedResponse>>, StoreError> {
        let store = self.store.as_ref().ok_or_else(missing_store)?;
        let key = flight.store_key(|config| store.key(config))?;
        let claimed = async { store.claim(&key, claim).await };
        let claimed = within(claimed, self.runtime.sleep(claim.timeout));
        let claimed = flight.ask_later(Asked::Store, claimed).await;
        Ok(key.open(claimed.unwrap_or_else(|| Err(StoreError::timeout()))?))
    }
}
