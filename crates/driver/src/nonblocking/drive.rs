//! The loop of a call: poll the keeper, then run an acquisition or wait.

use std::sync::Arc;

use edge_oauth_no_io::{AccessToken, Acquisition, Caller, Moment, Place, Step, TokenError};

use crate::flight::Flight;
use crate::maybe_send::BoxFuture;
use crate::nonblocking::either::either;
use crate::nonblocking::runtime::Runtime;
use crate::nonblocking::source::TokenSource;

impl<R: Runtime> TokenSource<R> {
    /// Boxed, so that the future of a caller whose token is cached stays small.
    #[cold]
    pub(super) fn fetch(&self, caller: Caller) -> BoxFuture<'_, Result<AccessToken, TokenError>> {
        Box::pin(self.poll_or_run(caller))
    }

    async fn poll_or_run(&self, caller: Caller) -> Result<AccessToken, TokenError> {
        // Every future may be dropped at any time.
        let mut caller = caller.that_may_leave();
        let mut waiting = None;
        loop {
            let notified = self.shared.notified();
            let now = self.now();
            let step = self.shared.poll(&mut caller, now);
            if !matches!(step, Step::Use(_) | Step::Fail(_)) {
                waiting.get_or_insert_with(|| self.shared.waiting());
            }
            match step {
                Step::Use(token) => return Ok(token),
                Step::Refresh { token, acquisition } => match acquisition.place() {
                    Place::Here => self.run_here(acquisition, now).await,
                    _ => {
                        self.run_in_background(acquisition, now);
                        return Ok(token);
                    }
                },
                Step::Send(acquisition) => match acquisition.place() {
                    Place::Here => self.run_here(acquisition, now).await,
                    _ => self.run_in_background(acquisition, now),
                },
                Step::Wait { at_most, .. } => {
                    either(notified, self.parts.runtime.sleep(at_most)).await;
                    if let Some(token) = self.shared.cached_for(&caller, self.now()) {
                        return Ok(token);
                    }
                }
                Step::Fail(error) => return Err(error),
            }
        }
    }

    async fn run_here(&self, acquisition: Acquisition, now: Moment) {
        self.parts.run(self.flight(acquisition, now)).await;
    }

    /// If the runtime is gone, the flight is dropped, and the next caller runs the acquisition itself.
    pub(super) fn run_in_background(&self, acquisition: Acquisition, now: Moment) {
        let flight = self.flight(acquisition, now);
        let parts = Arc::clone(&self.parts);
        self.parts
            .runtime
            .spawn(Box::pin(async move { parts.run(flight).await }));
    }

    fn flight(&self, acquisition: Acquisition, now: Moment) -> Flight {
        let parts = Arc::clone(&self.parts);
        Flight::new(&self.shared, parts, acquisition, now)
    }
}
