//! The part of a caller that threads and tasks share: what it does next, and what it tells the judge.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use edge_oauth_ureq::http::Request;
use edge_oauth_ureq::{
    AccessToken, Algorithm, CallError, ClientAuth, Config, CredentialError, JwtAssertion, Options,
    Policy, Secret, Signer, ToSign, TokenError,
};

use super::fault::TIMEOUT;
use super::judge::{Call, End, Failure};
use super::server::{Client, Server, locked, refreshes};
use super::stalls::Stalls;
use super::time::{MILLISECOND, Random, SECOND, Time, duration, now};
use super::token::Token;

/// One source, as its callers share it.
pub(crate) struct Target {
    pub(crate) number: usize,
    pub(crate) server: Arc<Server>,
    pub(crate) stalls: Arc<Stalls>,
    /// Held while the configuration is replaced.
    replacing: Mutex<()>,
}

/// The next thing that a caller does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// `token_within`, with this much time.
    Token(Time),
    /// The same, and a task drops the future after this time.
    Dropped(Time),
    TryToken,
    /// `token_valid_for`.
    Remaining(Time),
    Refresh,
    /// `send`.
    Send,
    /// `token`, and `invalidate`.
    Invalidate,
    /// `replace_config`, with a new secret or key.
    Replace,
}

impl Target {
    pub(crate) fn new(number: usize, server: &Arc<Server>, stalls: &Arc<Stalls>) -> Self {
        Self {
            number,
            server: Arc::clone(server),
            stalls: Arc::clone(stalls),
            replacing: Mutex::new(()),
        }
    }

    fn client(&self) -> &Client {
        &self.server.clients[self.number]
    }

    /// Draws the next act.
    pub(crate) fn next(&self, random: &mut Random) -> Act {
        let oldest = self.client().oldest.load(Ordering::SeqCst);
        let is_retired = self.client().record().generation < oldest;
        if is_retired && random.percent(10) {
            return Act::Replace;
        }
        match random.between(0, 200) {
            0..60 => Act::Token(MAX_WAIT),
            60..90 => Act::Token(random.between(1, MAX_WAIT)),
            90..110 => Act::Dropped(random.between(1, SECOND / 2)),
            110..140 => Act::TryToken,
            140..150 => Act::Remaining(random.between(1, 20 * SECOND)),
            150..156 if refreshes(self.number) => Act::Refresh,
            156..190 => Act::Send,
            190..199 => Act::Invalidate,
            199 => Act::Replace,
            _ => Act::Token(MAX_WAIT),
        }
    }

    pub(crate) fn asks(&self, act: Act) -> Call {
        let max_wait = match act {
            Act::Token(max_wait) => max_wait,
            _ => MAX_WAIT,
        };
        let is_plain = matches!(act, Act::Token(_) | Act::TryToken | Act::Invalidate);
        self.client().record().asks(now(), max_wait, is_plain)
    }

    pub(crate) fn token(&self, call: &Call, outcome: &Result<AccessToken, TokenError>) {
        match outcome {
            Ok(token) => self.hands_out(call, token),
            Err(error) => self.fails(call, error),
        }
    }

    pub(crate) fn maybe_token(&self, call: &Call, token: Option<&AccessToken>) {
        match token {
            Some(token) => self.hands_out(call, token),
            None => {
                let end = self.end(call);
                let violations = self.client().record().has_none(call, end);
                self.report(violations);
            }
        }
    }

    fn hands_out(&self, call: &Call, token: &AccessToken) {
        let end = self.end(call);
        let Some(token) = Token::parse(token.expose()).filter(|token| token.source == self.number)
        else {
            return self.report(vec![
                "a token of another source, or of no server".to_owned(),
            ]);
        };
        let violations = self.client().record().hands_out(call, token, end);
        self.report(violations);
    }

    fn fails(&self, call: &Call, error: &TokenError) {
        let failure = Failure {
            culprit: error.culprit(),
            status: error.status().map(|status| status.as_u16()),
            is_bare_timeout: error.to_string().contains("max_wait"),
        };
        let end = self.end(call);
        let violations = self.client().record().fails(call, failure, end);
        self.report(violations);
    }

    /// `send` returns its response, or an error of the API's connection, which is no matter of the token.
    pub(crate) fn sent<T>(&self, call: &Call, outcome: &Result<T, CallError>) {
        if let Err(CallError::Token(error)) = outcome {
            self.fails(call, error);
        }
    }

    pub(crate) fn invalidates(&self, token: &AccessToken) {
        if let Some(token) = Token::parse(token.expose()) {
            self.client().record().drops(token.number);
        }
    }

    /// Replaces the secret or key by the next one.
    pub(crate) fn replace(&self, replace: impl FnOnce(Config)) {
        let _one_at_a_time = locked(&self.replacing);
        let oldest = self.client().oldest.load(Ordering::SeqCst);
        let generation = (self.client().record().generation + 1).max(oldest);
        self.client().record().generation = generation;
        if let Some(config) = self.config(generation) {
            replace(config);
        }
    }

    /// Every third source proves who it is by a signed assertion.
    pub(crate) fn config(&self, generation: u64) -> Option<Config> {
        let (address, number) = (self.server.address, self.number);
        let builder = Config::builder(
            format!("http://{address}/token/{number}"),
            format!("client-{number}"),
        );
        let builder = match number % 3 {
            0 => builder.client_auth(ClientAuth::PrivateKeyJwt(
                JwtAssertion::new(Algorithm::Es256).key_id(format!("gen-{generation}-")),
            )),
            _ => builder.client_auth(ClientAuth::ClientSecretPost(Secret::new(format!(
                "gen-{generation}-of-a-secret-of-the-loopback"
            )))),
        };
        builder.build().ok()
    }

    pub(crate) fn options(&self, seed: u64) -> Options {
        let policy = Policy::default()
            .timeout(duration(TIMEOUT))
            .backoff(Duration::from_millis(50), Duration::from_millis(500))
            .permanent_backoff(Duration::from_secs(1), Duration::from_secs(2));
        let options = Options::default().policy(policy);
        options.max_wait(duration(MAX_WAIT)).seed(seed)
    }

    pub(crate) fn api_request(&self, call: &Call) -> Option<Request<Vec<u8>>> {
        let url = format!("http://{}/api/{}", self.server.address, self.number);
        let request = Request::get(url).header("x-asked", call.asked.to_string());
        request.body(Vec::new()).ok()
    }

    fn end(&self, call: &Call) -> End {
        let now = now();
        End {
            now,
            stalled: self.stalls.since(call.asked),
        }
    }

    fn report(&self, violations: Vec<String>) {
        self.server.report(self.number, violations);
    }
}

/// Signs nothing: the server does not look at signatures.
pub(crate) struct NoKey;

impl Signer for NoKey {
    fn sign(&self, _: &ToSign) -> Result<Vec<u8>, CredentialError> {
        Ok(vec![7; 64])
    }
}

/// Lets all callers rest at times, for a look at the resources.
#[derive(Default)]
pub(crate) struct Gate {
    pub(crate) rests: AtomicBool,
    pub(crate) resting: AtomicUsize,
    pub(crate) stops: AtomicBool,
}

/// The time of a call that sets no other.
pub(crate) const MAX_WAIT: Time = 3 * SECOND;

/// Between two acts of a caller, at most.
pub(crate) const PAUSE: Time = 60 * MILLISECOND;
