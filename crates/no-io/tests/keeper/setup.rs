//! A keeper, its two clocks, and the moves of a test.

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Acquisition, Action, Completion, Config, Event, Keeper, Moment, Policy, Secret,
    SecretBytes, Step, StoredToken, TokenError, TransportError, TransportErrorKind,
};
use http::{Request, Response};

pub(crate) const EPOCH: Duration = Duration::from_secs(1_800_000_000);
pub(crate) const LIFE: u64 = 1000;
/// A life of 1000 s ends 30 s early; the first refresh is due between 400 s and 845 s.
pub(crate) const DEAD: u64 = 970;
pub(crate) const DUE: u64 = 845;

/// An acquisition whose request has left.
pub(crate) struct Exchange {
    pub(crate) ticket: Acquisition,
    pub(crate) request: Request<SecretBytes>,
    pub(crate) timeout: Duration,
}

/// A keeper and the two clocks that it is told of.
pub(crate) struct World {
    pub(crate) keeper: Keeper,
    pub(crate) now: Moment,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Policy::default(), 7)
    }

    pub(crate) fn with(policy: Policy, seed: u64) -> Self {
        let keeper = Keeper::new(config("s3cret"), policy, seed);
        Self {
            keeper,
            now: Moment {
                monotonic: Duration::from_secs(50),
                wall: EPOCH,
            },
        }
    }

    /// One that holds a token of this life, asked for and received at once.
    pub(crate) fn holding(life: u64) -> Self {
        let mut world = Self::new();
        let exchange = world.send();
        world.answer(exchange.ticket, life).unwrap().unwrap();
        world
    }

    pub(crate) fn pass(&mut self, seconds: u64) -> &mut Self {
        self.pass_exactly(Duration::from_secs(seconds))
    }

    pub(crate) fn pass_exactly(&mut self, time: Duration) -> &mut Self {
        self.now.monotonic += time;
        self.now.wall += time;
        self
    }

    pub(crate) fn poll(&mut self) -> Step {
        self.keeper.poll(self.now)
    }

    pub(crate) fn send(&mut self) -> Exchange {
        match self.poll() {
            Step::Send(acquisition) => self.leave(acquisition),
            other => panic!("not Send: {other:?}"),
        }
    }

    /// Takes the first action, which sends the request.
    pub(crate) fn leave(&self, mut ticket: Acquisition) -> Exchange {
        match ticket.poll(self.now, [0; 16]) {
            Action::Send(request, limits) => Exchange {
                ticket,
                request,
                timeout: limits.timeout,
            },
            other => panic!("not Send: {other:?}"),
        }
    }

    pub(crate) fn finish(
        &mut self,
        mut ticket: Acquisition,
        completion: Completion,
    ) -> Option<Result<AccessToken, TokenError>> {
        ticket.handle(completion, self.now);
        self.keeper.finish(ticket, self.now)
    }

    pub(crate) fn respond(
        &mut self,
        ticket: Acquisition,
        response: Response<impl AsRef<[u8]>>,
    ) -> Option<Result<AccessToken, TokenError>> {
        let response = response.map(|body| SecretBytes::new(body.as_ref().to_vec()));
        self.finish(ticket, Completion::Response(response))
    }

    pub(crate) fn export(&mut self) -> StoredToken {
        self.keeper.export(self.now).unwrap()
    }

    /// Its caller left before an outcome.
    pub(crate) fn cancel(&mut self, ticket: Acquisition) {
        assert!(self.keeper.finish(ticket, self.now).is_none());
    }

    pub(crate) fn refresh(&mut self) -> (AccessToken, Exchange) {
        match self.poll() {
            Step::Refresh { token, acquisition } => (token, self.leave(acquisition)),
            other => panic!("not Refresh: {other:?}"),
        }
    }

    pub(crate) fn token(&mut self) -> AccessToken {
        match self.poll() {
            Step::Use(token) => token,
            other => panic!("not Use: {other:?}"),
        }
    }

    pub(crate) fn wait(&mut self) -> (Duration, Option<TokenError>) {
        match self.poll() {
            Step::Wait { at_most, because } => (at_most, because),
            other => panic!("not Wait: {other:?}"),
        }
    }

    pub(crate) fn fail(&mut self) -> TokenError {
        match self.poll() {
            Step::Fail(error) => error,
            other => panic!("not Fail: {other:?}"),
        }
    }

    pub(crate) fn answer(
        &mut self,
        ticket: Acquisition,
        life: u64,
    ) -> Option<Result<AccessToken, TokenError>> {
        let name = self.now.wall.as_millis();
        let body = format!(r#"{{"access_token":"t{name}","expires_in":{life}}}"#);
        self.respond(ticket, Response::new(body))
    }

    pub(crate) fn refuse(&mut self, ticket: Acquisition) -> TokenError {
        self.status(ticket, 401, "")
    }

    pub(crate) fn status(
        &mut self,
        ticket: Acquisition,
        status: u16,
        retry_after: &str,
    ) -> TokenError {
        let mut response = Response::builder().status(status);
        if !retry_after.is_empty() {
            response = response.header("retry-after", retry_after);
        }
        let response = response.body(r#"{"error":"access_denied"}"#).unwrap();
        self.respond(ticket, response).unwrap().unwrap_err()
    }

    pub(crate) fn fault(&mut self, ticket: Acquisition) -> TokenError {
        let error = TransportError::new(TransportErrorKind::Connect, "refused");
        let failed = Completion::Failed(error);
        self.finish(ticket, failed).unwrap().unwrap_err()
    }

    /// A resource server refuses the token that is held.
    pub(crate) fn rejects(&mut self, dropped: bool) -> &mut Self {
        let held = self.keeper.snapshot().unwrap().token().clone();
        self.keeper.invalidate(&held, self.now);
        assert_eq!(self.keeper.snapshot().is_none(), dropped);
        self
    }

    pub(crate) fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.keeper.poll_event()).collect()
    }
}

pub(crate) fn config(secret: &str) -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new(secret))
        .build()
        .unwrap()
}

impl World {
    /// Time passed, and nothing else: an extra poll would depart.
    pub(crate) fn poll_lapsed(&self) {
        let timeout = self.keeper.poll_timeout().unwrap();
        assert!(timeout <= self.now.monotonic);
    }
}
