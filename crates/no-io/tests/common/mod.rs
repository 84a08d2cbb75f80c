//! A keeper, the clocks that it is told of, and a server that responds at once.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each file of tests uses a part, and a test that cannot go on fails"
)]

pub mod attempt;

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Acquisition, Action, Caller, Completion, Config, ConfigBuilder, Event, Keeper,
    Moment, Policy, Secret, SecretBytes, Step, TokenError, TransportError, TransportErrorKind,
};
use http::{Request, Response};

pub const START: Moment = Moment {
    monotonic: Duration::from_secs(50),
    wall: Duration::from_secs(1_800_000_000),
};

pub type Outcome = Option<Result<AccessToken, TokenError>>;

pub struct World {
    pub keeper: Keeper,
    pub now: Moment,
    pub tokens: u32,
}

impl World {
    pub fn new() -> Self {
        Self::with(Policy::default(), 7)
    }

    pub fn with(policy: Policy, seed: u64) -> Self {
        Self {
            keeper: Keeper::new(config(), policy, seed),
            now: START,
            tokens: 0,
        }
    }

    /// Returns a world whose keeper has a token of this lifetime, just requested, and refreshes it as any later token.
    pub fn with_token(lifetime: u64) -> Self {
        let mut world = Self::with(Policy::default().first_refresh_from(80), 7);
        let acquisition = world.send();
        world.obtain(acquisition, lifetime);
        world
    }

    pub fn pass(&mut self, seconds: u64) -> &mut Self {
        self.pass_exactly(Duration::from_secs(seconds))
    }

    pub fn pass_exactly(&mut self, time: Duration) -> &mut Self {
        self.now = self.now.after(time);
        self
    }

    /// Polls for a caller that has all the time.
    pub fn poll(&mut self) -> Step {
        self.keeper.poll(self.now)
    }

    pub fn poll_for(&mut self, caller: &mut Caller) -> Step {
        self.keeper.poll_for(caller, self.now)
    }

    pub fn send(&mut self) -> Acquisition {
        self.send_for(&mut Caller::new())
    }

    pub fn send_for(&mut self, caller: &mut Caller) -> Acquisition {
        match self.poll_for(caller) {
            Step::Send(acquisition) => acquisition,
            other => panic!("not Send: {other:?}"),
        }
    }

    pub fn refresh(&mut self) -> Acquisition {
        match self.poll() {
            Step::Refresh { acquisition, .. } => acquisition,
            other => panic!("not Refresh: {other:?}"),
        }
    }

    pub fn token(&mut self) -> AccessToken {
        match self.poll() {
            Step::Use(token) => token,
            other => panic!("not Use: {other:?}"),
        }
    }

    pub fn wait_of(&mut self, caller: &mut Caller) -> Duration {
        match self.poll_for(caller) {
            Step::Wait { at_most, .. } => at_most,
            other => panic!("not Wait: {other:?}"),
        }
    }

    pub fn fail_of(&mut self, caller: &mut Caller) -> TokenError {
        match self.poll_for(caller) {
            Step::Fail(error) => error,
            other => panic!("not Fail: {other:?}"),
        }
    }

    /// The server responds to the acquisition's request at once with a token of this lifetime.
    pub fn obtain(&mut self, mut acquisition: Acquisition, lifetime: u64) -> AccessToken {
        leave(&mut acquisition, self.now);
        self.obtain_left(acquisition, lifetime)
    }

    /// The same for a request that has left.
    pub fn obtain_left(&mut self, acquisition: Acquisition, lifetime: u64) -> AccessToken {
        self.tokens += 1;
        let done = token(&format!("t{}", self.tokens), lifetime);
        self.complete(acquisition, done).unwrap().unwrap()
    }

    /// The server responds with this status.
    pub fn respond(
        &mut self,
        mut acquisition: Acquisition,
        status: u16,
        headers: &[(&str, &str)],
    ) -> TokenError {
        leave(&mut acquisition, self.now);
        let error = response(status, headers, r#"{"error":"temporarily_unavailable"}"#);
        self.complete(acquisition, error).unwrap().unwrap_err()
    }

    /// The server rejects the secret.
    pub fn deny(&mut self, mut acquisition: Acquisition) -> TokenError {
        leave(&mut acquisition, self.now);
        let error = response(401, &[], r#"{"error":"invalid_client"}"#);
        self.complete(acquisition, error).unwrap().unwrap_err()
    }

    /// The connection is closed before the response.
    pub fn fault(&mut self, mut acquisition: Acquisition) -> TokenError {
        leave(&mut acquisition, self.now);
        let error = TransportError::new(TransportErrorKind::Closed, "");
        let outcome = self.complete(acquisition, Completion::Failed(error));
        outcome.unwrap().unwrap_err()
    }

    pub fn complete(&mut self, mut acquisition: Acquisition, done: Completion) -> Outcome {
        acquisition.handle(done, self.now);
        self.keeper.finish(acquisition, self.now)
    }

    /// The acquisition comes back without an outcome.
    pub fn lose(&mut self, acquisition: Acquisition) {
        assert!(self.keeper.finish(acquisition, self.now).is_none());
    }

    pub fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.keeper.poll_event()).collect()
    }
}

pub fn builder() -> ConfigBuilder {
    Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret"))
}

pub fn config() -> Config {
    builder().build().unwrap()
}

/// Takes the action that sends the request.
pub fn leave(acquisition: &mut Acquisition, now: Moment) -> Request<SecretBytes> {
    match acquisition.poll(now, [0; 16]) {
        Action::Send(request, _) => request,
        other => panic!("not Send: {other:?}"),
    }
}

pub fn token(name: &str, lifetime: u64) -> Completion {
    let body = format!(r#"{{"access_token":"{name}","expires_in":{lifetime}}}"#);
    response(200, &[], &body)
}

pub fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Completion {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let body = SecretBytes::new(body.as_bytes().to_vec());
    Completion::Response(response.body(body).unwrap())
}
