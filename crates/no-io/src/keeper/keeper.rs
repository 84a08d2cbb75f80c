//! The life of a token: the only place that decides.

use std::time::Duration;

use http::Response;

use crate::clock::Moment;
use crate::config::config::Config;
use crate::keeper::cached_token::CachedToken;
use crate::keeper::event::{Event, Journal};
use crate::keeper::jitter::Jitter;
use crate::keeper::policy::{Backoff, MIN_BACKOFF, MIN_INTERVAL, Policy};
use crate::keeper::step::{Exchange, Snapshot, Step, Ticket};
use crate::keeper::stored_token::StoredToken;
use crate::token::AccessToken;
use crate::token_request::token_request;
use crate::token_response::error::TokenError;
use crate::token_response::response::token_response;
use crate::transport::error::{TransportError, TransportErrorKind};

/// Keeps one token usable, for any number of callers.
///
/// `poll` asks what to do, `handle_*` tells what came of it. The keeper touches no clock and no
/// socket: every call says what time it is. An extra call is harmless.
///
/// `poll` is this table, where *cooling* means that a fault, a refusal or the server's own word put
/// off the next attempt:
///
/// | held \ fetch | idle | in flight | cooling |
/// |---|---|---|---|
/// | fresh | `Use` | `Use` | `Use` |
/// | due for refresh | `Refresh` | `Use` | `Use` |
/// | nothing, or expired | `Send` | `Wait` | `Wait`, or `Fail` after a refusal |
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Config, Keeper, Moment, Policy, Secret, Step};
///
/// let at = |seconds| Moment {
///     monotonic: Duration::from_secs(seconds),
///     wall: Duration::from_secs(1_800_000_000 + seconds),
/// };
/// let config = Config::new("https://login.example/token", "my-client", Secret::new("s3cret"))?;
/// let mut keeper = Keeper::new(config, Policy::default(), 7);
///
/// let Step::Send(exchange) = keeper.poll(at(0)) else { panic!("nothing is held yet") };
/// assert!(matches!(keeper.poll(at(0)), Step::Wait { .. }), "one request at a time");
///
/// // Send `exchange.request` with any HTTP library, and hand over what it got.
/// let answer = http::Response::new(br#"{"access_token":"abc","expires_in":900}"#);
/// keeper.handle_response(exchange.ticket, &answer, at(1));
///
/// assert!(matches!(keeper.poll(at(700)), Step::Use(_)));
/// assert!(matches!(keeper.poll(at(800)), Step::Refresh { .. }));
/// assert!(matches!(keeper.poll(at(801)), Step::Use(_)), "nobody waits for the refresh");
/// assert!(matches!(keeper.poll(at(870)), Step::Send(_)), "the margin has begun");
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Debug)]
pub struct Keeper {
    config: Config,
    policy: Policy,
    jitter: Jitter,
    held: Option<CachedToken>,
    flight: Option<Flight>,
    pause: Option<Pause>,
    /// No exchange begins before this time of the monotonic clock, whatever the other one says.
    floor: Duration,
    failures: u32,
    refusals: u32,
    rejections: u32,
    cancels: u32,
    /// The server did not answer a refresh within the time that one has.
    slow: bool,
    next_ticket: u64,
    /// Tickets before this one are of an earlier configuration.
    first_ticket: u64,
    journal: Journal,
}

#[derive(Debug)]
struct Flight {
    number: u64,
    lapses: Duration,
    served_beside: bool,
}

#[derive(Debug)]
struct Pause {
    until: Moment,
    error: TokenError,
    told: bool,
}

impl Keeper {
    /// A keeper that holds nothing. The seed spreads refreshes and retries among clients that start at
    /// one time: give each another, from any source.
    pub fn new(config: Config, policy: Policy, seed: u64) -> Self {
        Self {
            config,
            policy,
            jitter: Jitter::new(seed),
            held: None,
            flight: None,
            pause: None,
            floor: Duration::ZERO,
            failures: 0,
            refusals: 0,
            rejections: 0,
            cancels: 0,
            slow: false,
            next_ticket: 0,
            first_ticket: 0,
            journal: Journal::default(),
        }
    }

    /// What to do now: the table above.
    pub fn poll(&mut self, now: Moment) -> Step {
        self.settle(now);
        let due = self
            .held
            .as_ref()
            .map(|held| (held.token.clone(), held.is_due(now)));
        match due {
            Some((token, false)) => Step::Use(token),
            Some((token, true)) if self.is_idle(now) => {
                let patience = self
                    .held
                    .as_ref()
                    .map_or(Duration::ZERO, |held| held.schedule.patience);
                let timeout = match self.slow {
                    true => self.policy.timeout,
                    false => self.policy.timeout.min(patience.max(SHORTEST_REFRESH)),
                };
                Step::Refresh {
                    token,
                    exchange: self.depart(now, timeout),
                }
            }
            Some((token, true)) => {
                self.note_served_beside();
                Step::Use(token)
            }
            None if self.is_idle(now) => Step::Send(self.depart(now, self.policy.timeout)),
            None => self.put_off(now),
        }
    }

    /// The time of the monotonic clock at which `poll` would answer otherwise by itself; a time that
    /// has passed means that it already would. `None` before the first poll.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let resumes = match (&self.flight, &self.pause) {
            (Some(flight), _) => flight.lapses,
            (None, Some(pause)) => pause.until.monotonic,
            (None, None) => Duration::ZERO,
        };
        let resumes = resumes.max(self.floor);
        match &self.held {
            Some(held) => Some(
                held.schedule
                    .due
                    .monotonic
                    .max(resumes)
                    .min(held.schedule.dead.monotonic),
            ),
            None => (self.next_ticket > 0).then_some(resumes),
        }
    }

    /// The token that `poll` would answer with, and until when it would do nothing else: for a driver
    /// that serves it without asking again.
    pub fn lease(&self) -> Option<Snapshot> {
        let CachedToken {
            token, schedule, ..
        } = self.held.as_ref()?;
        let until = match (&self.flight, &self.pause) {
            (Some(flight), _) => Moment {
                monotonic: flight.lapses,
                wall: schedule.dead.wall,
            },
            // A refresh takes both; so until either, whichever it is, nothing else is done.
            (None, Some(pause)) if pause.until.monotonic > schedule.due.monotonic => pause.until,
            (None, _) => schedule.due,
        };
        Some(Snapshot {
            token: token.clone(),
            until: until.earliest(schedule.dead),
        })
    }

    /// An answer arrived. Returns the token or the error for whoever waited for this exchange; `None`
    /// where the configuration was replaced meanwhile, so that they have to poll again.
    pub fn handle_response(
        &mut self,
        ticket: Ticket,
        response: &Response<impl AsRef<[u8]>>,
        now: Moment,
    ) -> Option<Result<AccessToken, TokenError>> {
        if ticket.number < self.first_ticket {
            return None;
        }
        let outcome = token_response(&self.config, response);
        Some(self.conclude(ticket, outcome, now))
    }

    /// No answer arrived. Returns as [`handle_response`](Self::handle_response) does.
    pub fn handle_failure(
        &mut self,
        ticket: Ticket,
        error: TransportError,
        now: Moment,
    ) -> Option<Result<AccessToken, TokenError>> {
        if ticket.number < self.first_ticket {
            return None;
        }
        Some(self.conclude(ticket, Err(error.into()), now))
    }

    /// Whether an exchange is under way.
    pub fn is_fetching(&self) -> bool {
        self.flight.is_some()
    }

    /// The exchange was given up before anything came of it; the next poll may begin another. Where
    /// one after the other is given up, they are spaced out.
    pub fn handle_cancel(&mut self, ticket: Ticket) {
        if self.land(&ticket) {
            let pause = match self.cancels {
                0 => Duration::ZERO,
                n => GIVEN_UP.after(n),
            };
            self.cancels = self.cancels.saturating_add(1);
            self.floor = self.floor.max(ticket.sent.monotonic.saturating_add(pause));
            self.journal.record(Event::Cancelled);
        }
    }

    /// A resource server refused exactly this token. Drops it, unless it is an older one than is held.
    ///
    /// Where one new token after the other is refused, it is not the tokens' fault: from the second on,
    /// a refused token is kept until it is 2 s old, then 4 s, and so on up to the longest pause after a
    /// refusal. A route that refuses everything costs few requests, and the others go on meanwhile.
    pub fn invalidate(&mut self, token: &AccessToken, now: Moment) {
        let Some(held) = self.held.as_ref().filter(|held| held.token.is_same(token)) else {
            return;
        };
        let age = now.monotonic.saturating_sub(held.sent.monotonic);
        let longest = self.policy.refusal.longest;
        let kept = Backoff {
            first: 2 * MIN_INTERVAL,
            longest,
        };
        if self.rejections > 0 && age < kept.after(self.rejections) {
            return;
        }
        // One that has lived so long was good.
        self.rejections = if age > 2 * longest {
            1
        } else {
            self.rejections.saturating_add(1)
        };
        self.held = None;
        self.journal.record(Event::Invalidated);
    }

    /// Replaces the configuration, such as after the secret was rotated. A token that is good for the
    /// same is kept; an answer to the old configuration that is still under way is not taken, and the
    /// next request does not wait for it. The same configuration again changes nothing.
    pub fn replace_config(&mut self, config: Config) {
        if config.makes_same_requests(&self.config) {
            return;
        }
        if config.cache_key() != self.config.cache_key() {
            self.held = None;
        }
        self.config = config;
        self.flight = None;
        self.pause = None;
        self.floor = Duration::ZERO;
        (self.failures, self.refusals, self.rejections, self.cancels) = (0, 0, 0, 0);
        self.first_ticket = self.next_ticket;
        self.journal.record(Event::Replaced);
    }

    /// The token that is held, to be stored.
    pub fn export(&self) -> Option<StoredToken> {
        self.held.as_ref().map(CachedToken::export)
    }

    /// Takes a stored token over, where it is still usable and nothing is held yet. One that claims to
    /// be from the future is not believed. Returns whether it was taken.
    pub fn restore(&mut self, stored: &StoredToken, now: Moment) -> bool {
        if self.held.is_some() {
            return false;
        }
        self.held = CachedToken::restored(stored, now, &self.policy, &mut self.jitter)
            .filter(|held| !held.is_dead(now));
        self.held.is_some()
    }

    /// The configuration in use.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The next thing that happened, oldest first. The latest 64 are kept.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.journal.next()
    }

    /// Drops what time has ended.
    fn settle(&mut self, now: Moment) {
        if self.held.take_if(|held| held.is_dead(now)).is_some() {
            self.rejections = 0;
        }
        self.pause.take_if(|pause| now.has_reached(pause.until));
        if self
            .flight
            .take_if(|flight| now.monotonic >= flight.lapses)
            .is_some()
        {
            self.journal.record(Event::Lapsed);
        }
    }

    fn is_idle(&self, now: Moment) -> bool {
        self.flight.is_none() && self.pause.is_none() && now.monotonic >= self.floor
    }

    fn depart(&mut self, now: Moment, timeout: Duration) -> Exchange {
        let ticket = Ticket {
            number: self.next_ticket,
            sent: now,
        };
        self.next_ticket += 1;
        let lapses = now.monotonic.saturating_add(timeout).saturating_add(GRACE);
        self.flight = Some(Flight {
            number: ticket.number,
            lapses,
            served_beside: false,
        });
        Exchange {
            ticket,
            request: token_request(&self.config),
            timeout,
        }
    }

    /// Nothing is held, and nothing may be sent.
    fn put_off(&mut self, now: Moment) -> Step {
        if let Some(flight) = &self.flight {
            return Step::Wait {
                at_most: flight.lapses.saturating_sub(now.monotonic),
                because: None,
            };
        }
        let floor = self.floor.saturating_sub(now.monotonic);
        let Some(pause) = &mut self.pause else {
            return Step::Wait {
                at_most: floor,
                because: None,
            };
        };
        if !pause.error.is_transient() {
            return Step::Fail(pause.error.clone());
        }
        let at_most = pause.until.monotonic.saturating_sub(now.monotonic);
        let at_most = at_most
            .min(pause.until.wall.saturating_sub(now.wall))
            .max(floor);
        let because = Some(pause.error.clone());
        if !std::mem::replace(&mut pause.told, true) {
            self.journal.record(Event::Waiting { pause: at_most });
        }
        Step::Wait { at_most, because }
    }

    fn conclude(
        &mut self,
        ticket: Ticket,
        outcome: Result<AccessToken, TokenError>,
        now: Moment,
    ) -> Result<AccessToken, TokenError> {
        let current = self.land(&ticket);
        match &outcome {
            Ok(token) => self.take(token.clone(), &ticket, current, now),
            // A late failure says nothing about the exchange that took its place.
            Err(error) if current => self.pause(error.clone(), now),
            Err(_) => {}
        }
        outcome
    }

    /// Whether the ticket is that of the flight, which it ends.
    fn land(&mut self, ticket: &Ticket) -> bool {
        self.flight
            .take_if(|flight| flight.number == ticket.number)
            .is_some()
    }

    fn take(&mut self, token: AccessToken, ticket: &Ticket, current: bool, now: Moment) {
        self.held.take_if(|held| held.is_dead(now));
        // A late answer does not take the place of a newer one.
        if self
            .held
            .as_ref()
            .is_some_and(|held| held.number > ticket.number)
        {
            return;
        }
        if self.held.is_some() {
            self.rejections = 0;
        }
        let took = now.monotonic.saturating_sub(ticket.sent.monotonic);
        let held = CachedToken::new(token, ticket, &self.policy, &mut self.jitter);
        let kept = held.life > MIN_INTERVAL && !held.is_dead(now);
        self.journal.record(Event::Fetched {
            lifetime: held.life,
            took,
            kept,
        });
        self.floor = self
            .floor
            .max(ticket.sent.monotonic.saturating_add(MIN_INTERVAL));
        self.slow = took > held.schedule.patience.max(SHORTEST_REFRESH);
        // A late success does not lift what the server asked for since.
        if current {
            self.pause = None;
            (self.failures, self.refusals, self.cancels) = (0, 0, 0);
        }
        if kept {
            self.held = Some(held);
        }
    }

    fn pause(&mut self, error: TokenError, now: Moment) {
        self.cancels = 0;
        self.slow |= is_timeout(&error);
        let serving = self.held.as_ref().filter(|held| !held.is_dead(now));
        let patience = serving.map(|held| held.schedule.patience);
        let pause = if error.is_transient() {
            self.failures = self.failures.saturating_add(1);
            // Full jitter: anything from nothing to the bound, so that a fleet does not come in waves.
            let bound = self.policy.backoff.after(self.failures);
            self.jitter
                .up_to(bound.min(patience.unwrap_or(bound)))
                .max(MIN_BACKOFF)
        } else {
            self.refusals = self.refusals.saturating_add(1);
            let bound = self.policy.refusal.after(self.refusals);
            bound / 2 + self.jitter.up_to(bound / 2)
        };
        let asked = error
            .retry_after()
            .map_or(Duration::ZERO, |retry_after| retry_after.wait(now.wall));
        let pause = pause.max(asked);
        self.floor = self
            .floor
            .max(now.monotonic.saturating_add(pause.min(MIN_INTERVAL)));
        let serving = patience.is_some();
        self.journal.record(match error.is_transient() {
            true => Event::Failed {
                error: error.clone(),
                pause,
                serving,
            },
            false => Event::Refused {
                error: error.clone(),
                pause,
                serving,
            },
        });
        self.pause = Some(Pause {
            until: now.after(pause),
            error,
            told: false,
        });
    }

    fn note_served_beside(&mut self) {
        let unnoted = self.flight.as_mut().filter(|flight| !flight.served_beside);
        if let Some(flight) = unnoted {
            flight.served_beside = true;
            self.journal.record(Event::ServedWhileRefreshing);
        }
    }
}

fn is_timeout(error: &TokenError) -> bool {
    matches!(error, TokenError::Transport(error) if error.kind() == TransportErrorKind::Timeout)
}

/// Between an exchange's timeout and the end of its ticket, for the report to arrive in.
const GRACE: Duration = Duration::from_secs(1);

/// However short a token lives, its refresh has this time, or the policy's if that is less. A server
/// that was slower is given the policy's.
const SHORTEST_REFRESH: Duration = Duration::from_secs(2);

/// Between exchanges that are all given up.
const GIVEN_UP: Backoff = Backoff {
    first: MIN_BACKOFF,
    longest: MIN_INTERVAL,
};
