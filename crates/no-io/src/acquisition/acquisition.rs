//! One token request from its assertions to its outcome: the only place that decides *how*.

use std::fmt;
use std::time::Duration;

use crate::acquisition::action::{Action, Completion};
use crate::acquisition::assertion::{signed, to_sign};
use crate::acquisition::place::Place;
use crate::acquisition::shared::{Next, Shared};
use crate::acquisition::supplied::Supplied;
use crate::client_auth::credential::{AssertionRequest, CredentialError, Purpose};
use crate::clock::Moment;
use crate::config::config::Config;
use crate::rate_limits::RateLimits;
use crate::secret::{Secret, SecretBytes};
use crate::timeline::{Time, Timeline};
use crate::token::AccessToken;
use crate::token_response::error::TokenError;
use crate::token_response::response::read;
use crate::transport::error::TransportError;
use crate::transport::error_kind::TransportErrorKind;
use crate::transport::request_limits::RequestLimits;

/// The duty to obtain one token: a list of actions, handed out one at a time until there is an outcome.
///
/// A client secret takes one action, an assertion two or more. `poll` returns the next action, `handle` takes what came
/// of it, and [`Keeper::finish`](crate::Keeper::finish) spends the acquisition. An extra poll returns
/// [`Action::Wait`]; a completion that no action asked for is ignored. `handle` reads the response, so call it without
/// a lock that other callers wait for.
///
/// | state | `poll` | completion | next state |
/// |---|---|---|---|
/// | the keeper has a store | `Claim`, and `Pause` while another process makes the request | the store's result | the same, done, or the next |
/// | an assertion is missing | `Sign` or `Assertion`, for one purpose after the other | bytes | the same, or ready |
/// | | | an error | done |
/// | ready | `Send` | response or failure | done |
/// | waiting for a completion | `Wait` | | |
/// | past its end without an outcome | `Done`: it counts as lost | that of the action handed out last still counts | the same, or done |
/// | done | `Done` | ignored | done |
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Acquisition, Action, Completion, Config, Moment, Secret, SecretBytes};
///
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let now = Moment { monotonic: Duration::from_secs(1), wall: Duration::from_secs(1_800_000_000) };
/// let mut acquisition = Acquisition::new(&config, Duration::from_secs(10), now);
///
/// let random = [7; 16]; // from any source, another for each poll
/// let Action::Send(request, limits) = acquisition.poll(now, random) else { panic!("a secret needs no assertion") };
/// assert_eq!(limits.timeout, Duration::from_secs(10));
///
/// // Send `request` with any HTTP library, and hand over the response.
/// let body = SecretBytes::new(br#"{"access_token":"abc","expires_in":900}"#.to_vec());
/// acquisition.handle(Completion::Response(http::Response::new(body)), now);
/// assert_eq!(acquisition.finish()?.expose(), "abc");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[must_use = "an acquisition that is not run and finished blocks the next until it lapses"]
pub struct Acquisition {
    pub(super) config: Config,
    pub(super) number: u64,
    pub(super) attempt: u32,
    pub(super) place: Place,
    /// Times of the monotonic clock.
    pub(super) started: Duration,
    pub(super) ends: Duration,
    pub(super) timeline: Timeline,
    /// When the request left.
    pub(super) sent: Option<Time>,
    pub(super) state: State,
    pub(super) shared: Option<Box<Shared>>,
    /// The rate and quota headers of the response.
    pub(super) limits: Option<Box<RateLimits>>,
    pub(super) supplied: Supplied,
}

pub(super) enum State {
    Ready,
    /// Since when.
    Claiming(Time),
    /// The signing input, which the JWT begins with.
    Signing(Purpose, SecretBytes),
    Asking(Purpose),
    Sending,
    Done(Result<AccessToken, TokenError>),
}

impl Acquisition {
    /// Starts an acquisition without a keeper, for one token without a lifecycle. `timeout` bounds all of it.
    pub fn new(config: &Config, timeout: Duration, now: Moment) -> Self {
        let mut timeline = Timeline::new();
        timeline.observe(now);
        Self::start(config.clone(), (0, 1), Place::Here, timeout, timeline, now)
    }

    /// Returns where to run it.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Returns the configuration that it requests a token for.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the number of this attempt since the keeper's last success, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Returns how much of its time is left.
    pub fn time_left(&self, now: Moment) -> Duration {
        self.ends.saturating_sub(now.monotonic)
    }

    /// Returns the next action. `unique` is randomness that was never used before, for the `jti` of an assertion.
    pub fn poll(&mut self, now: Moment, unique: [u8; 16]) -> Action {
        let time = self.timeline.observe(now);
        match self.state {
            State::Done(_) => return Action::Done,
            // Promise 2: a request whose time is over is not sent, and one that never began is not begun.
            _ if self.time_left(now).is_zero() => return Action::Done,
            State::Ready => {}
            State::Claiming(_) | State::Signing(..) | State::Asking(_) | State::Sending => {
                return Action::Wait {
                    at_most: self.time_left(now),
                };
            }
        }
        let left = self.time_left(now);
        if let Some(shared) = &mut self.shared {
            match shared.next(time, left, u128::from_be_bytes(unique)) {
                Next::Claim(claim) => {
                    self.state = State::Claiming(time);
                    return Action::Claim(claim);
                }
                Next::Pause(pause) => return Action::Pause(pause.min(left)),
                // Promise 3: a server that hangs is noticed as soon as without a store.
                Next::Request => self.ends -= shared.need.take_unused_wait(left),
            }
        }
        match self.supplied.missing(&self.config) {
            Some((purpose, Some(jwt))) => {
                match to_sign(jwt, purpose, &self.config, now.wall, unique) {
                    Ok(to_sign) => {
                        self.state = State::Signing(purpose, to_sign.input.clone());
                        Action::Sign(to_sign)
                    }
                    Err(error) => {
                        self.fail(error.into());
                        Action::Done
                    }
                }
            }
            Some((purpose, None)) => {
                self.state = State::Asking(purpose);
                Action::Assertion(AssertionRequest { purpose })
            }
            None => {
                self.state = State::Sending;
                // Promise 4: the lifetime counts from here.
                self.sent = Some(self.timeline.observe(now));
                let limits = RequestLimits::token(self.time_left(now));
                let added = self.supplied.params(&self.config);
                Action::Send(self.config.request_with(&added), limits)
            }
        }
    }

    /// Takes what came of the last action. Reads a response.
    pub fn handle(&mut self, completion: Completion, now: Moment) {
        let time = self.timeline.observe(now);
        match (&self.state, completion) {
            (State::Claiming(sent), Completion::Claimed(result)) => {
                let sent = *sent;
                self.state = State::Ready;
                let shared = self.shared.as_mut();
                let brought =
                    shared.and_then(|shared| shared.handle(result, &self.config, sent, time));
                if let Some((outcome, sent)) = brought {
                    self.sent = Some(sent);
                    self.state = State::Done(outcome);
                }
            }
            (State::Sending, Completion::Response(response)) => {
                let outcome = read(&self.config, &response, &self.supplied.secrets());
                let limits = RateLimits::read(response.headers());
                self.limits = limits
                    .has_quota()
                    .then(|| Box::new(limits.with_known_buckets()));
                self.state = State::Done(outcome);
            }
            (State::Sending, Completion::Failed(error)) => {
                let error = error.at(self.config.endpoint());
                self.fail(error.into());
            }
            (State::Signing(purpose, input), Completion::Signature(Ok(signature))) => {
                let (purpose, jwt) = (*purpose, signed(input, &signature));
                self.supply(purpose, jwt);
            }
            (State::Asking(purpose), Completion::Assertion(Ok(assertion))) => {
                let purpose = *purpose;
                match assertion.expose().is_empty() {
                    false => self.supply(purpose, assertion),
                    true => self.fail(CredentialError::permanent("the assertion is empty").into()),
                }
            }
            (State::Signing(..), Completion::Signature(Err(error)))
            | (State::Asking(_), Completion::Assertion(Err(error))) => self.fail(error.into()),
            // Sooner or later each of the others is the completion of an action that was never handed out.
            (State::Ready | State::Done(_), _)
            | (State::Claiming(_) | State::Signing(..) | State::Asking(_) | State::Sending, _) => {}
        }
    }

    /// Ends an acquisition that belongs to no keeper.
    ///
    /// # Errors
    ///
    /// Returns the error response or the failure; a timeout if the acquisition comes back undone.
    pub fn finish(self) -> Result<AccessToken, TokenError> {
        match self.state {
            State::Done(outcome) => outcome,
            _ => Err(TransportError::new(TransportErrorKind::Timeout, "").into()),
        }
    }

    fn supply(&mut self, purpose: Purpose, assertion: Secret) {
        self.supplied.add(purpose, assertion);
        self.state = State::Ready;
    }

    fn fail(&mut self, error: TokenError) {
        self.state = State::Done(Err(error));
    }
}

impl fmt::Debug for Acquisition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquisition")
            .field("number", &self.number)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
