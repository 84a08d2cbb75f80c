//! The loop of a call: poll the keeper, then run an acquisition or wait.

use std::ops::ControlFlow;
use std::sync::Arc;

use edge_oauth_no_io::{AccessToken, Acquisition, Caller, Moment, Place, Step, TokenError};

use crate::flight::Flight;
use crate::maybe_send::BoxFuture;
use crate::nonblocking::either::either;
use crate::nonblocking::runtime::Runtime;
use crate::nonblocking::source::TokenSource;

/// The next thing that a call does.
enum Next<'a> {
    Run(BoxFuture<'a, ()>),
    /// Waits for a change, at most until the sleep is over.
    Wait(BoxFuture<'static, ()>),
    Poll,
}

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
            // Thousands of callers may wait at once, and so none has a step or an acquisition in its future.
            let next = match self.next(&mut caller) {
                ControlFlow::Continue(next) => next,
                ControlFlow::Break(outcome) => return outcome,
            };
            waiting.get_or_insert_with(|| self.shared.waiting());
            match next {
                Next::Run(run) => run.await,
                Next::Wait(sleep) => {
                    either(notified, sleep).await;
                    if let Some(token) = self.shared.cached_for(&caller, self.now()) {
                        return Ok(token);
                    }
                }
                Next::Poll => {}
            }
        }
    }

    /// Polls the keeper, and starts what runs in the background.
    fn next(&self, caller: &mut Caller) -> ControlFlow<Result<AccessToken, TokenError>, Next<'_>> {
        let now = self.now();
        let (token, acquisition) = match self.shared.poll(caller, now) {
            Step::Use(token) => return ControlFlow::Break(Ok(token)),
            Step::Fail(error) => return ControlFlow::Break(Err(error)),
            Step::Wait { at_most, .. } => {
                let sleep = self.parts.runtime.sleep(at_most);
                return ControlFlow::Continue(Next::Wait(sleep));
            }
            Step::Refresh { token, acquisition } => (Some(token), acquisition),
            Step::Send(acquisition) => (None, acquisition),
        };
        if acquisition.place() == Place::Here {
            let run = self.parts.run(self.flight(acquisition, now));
            return ControlFlow::Continue(Next::Run(Box::pin(run)));
        }
        self.run_in_background(acquisition, now);
        match token {
            Some(token) => ControlFlow::Break(Ok(token)),
            None => ControlFlow::Continue(Next::Poll),
        }
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

#[cfg(test)]
mod tests {
    use edge_oauth_no_io::{Config, Secret};

    use super::*;
    use crate::testing::{Clock, ScriptedTransport};

    #[test]
    fn future_of_a_waiting_caller_is_small() {
        let config = Config::builder("https://login.example/token", "id")
            .client_secret(Secret::new("s3cret"))
            .build()
            .unwrap();
        let transport = ScriptedTransport::new(|_| Ok(http::Response::new(Vec::new())));
        let source = TokenSource::<Clock>::new(transport, config);
        let future = source.poll_or_run(Caller::new());
        let bytes = size_of_val(&future);
        assert!(bytes <= 512, "{bytes} bytes");
    }
}
