//! The lifecycle of a token: the only place that decides *when*.

use std::time::Duration;

use crate::acquisition::acquisition::{Acquisition, Place};
use crate::clock::Moment;
use crate::config::config::Config;
use crate::keeper::backoff::Backoff;
use crate::keeper::cached_token::CachedToken;
use crate::keeper::caller::Caller;
use crate::keeper::event::{Event, Journal};
use crate::keeper::jitter::Jitter;
use crate::keeper::policy::{MIN_BACKOFF, MIN_INTERVAL, Policy};
use crate::keeper::snapshot::Snapshot;
use crate::keeper::step::Step;
use crate::keeper::stored_token::StoredToken;
use crate::timeline::{Time, Timeline};
use crate::token::AccessToken;
use crate::token_response::error::TokenError;
use crate::transport::error::{TransportError, TransportErrorKind};

/// Keeps one token valid, for any number of callers.
///
/// `poll` asks what to do, `finish` tells what came of it. The keeper touches no clock and no socket: every call says
/// what time it is. An extra call is harmless.
///
/// `poll` is this table. *Backing off* means that the next attempt is delayed, by a failure or by `Retry-After`.
///
/// | cached token \ acquisition | none in flight | in flight | backing off |
/// |---|---|---|---|
/// | fresh | `Use` | `Use` | `Use` |
/// | due for refresh | `Refresh` | `Use` | `Use` |
/// | none, or expired | `Send` | `Wait` | `Wait`; `Fail` after a permanent error, or if the backoff is longer than the caller has |
///
/// An acquisition runs in this place:
///
/// | the last acquisition without an outcome | `Refresh` | `Send` |
/// |---|---|---|
/// | none since the last outcome | background | here; in the background if the caller may leave, or has less time than the timeout |
/// | was lost in the background | here | here |
/// | was lost here | background | background |
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Action, Completion, Config, Keeper, Moment, Policy, Secret, SecretBytes, Step};
///
/// let at = |seconds| Moment {
///     monotonic: Duration::from_secs(seconds),
///     wall: Duration::from_secs(1_800_000_000 + seconds),
/// };
/// let config = Config::builder("https://login.example/token", "my-client").client_secret(Secret::new("s3cret")).build()?;
/// let mut keeper = Keeper::new(config, Policy::default(), 7);
///
/// let Step::Send(mut acquisition) = keeper.poll(at(0)) else { panic!("no token is cached yet") };
/// assert!(matches!(keeper.poll(at(0)), Step::Wait { .. }), "one request at a time");
///
/// // Send the request with any HTTP library, and hand over the response.
/// let Action::Send(request, limits) = acquisition.poll(at(0), [0; 16]) else { panic!("a secret needs no assertion") };
/// let body = SecretBytes::new(br#"{"access_token":"abc","expires_in":900}"#.to_vec());
/// acquisition.handle(Completion::Response(http::Response::new(body)), at(1));
/// keeper.finish(acquisition, at(1));
///
/// assert!(matches!(keeper.poll(at(700)), Step::Use(_)));
/// assert!(matches!(keeper.poll(at(800)), Step::Refresh { .. }));
/// assert!(matches!(keeper.poll(at(801)), Step::Use(_)), "callers do not wait for the refresh");
/// assert!(matches!(keeper.poll(at(870)), Step::Send(_)), "the expiry margin has begun");
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Debug)]
pub struct Keeper {
    config: Config,
    policy: Policy,
    jitter: Jitter,
    timeline: Timeline,
    cached: Option<CachedToken>,
    /// The token of an acquisition whose lifetime was too short to be cached, by its number, for its waiting callers.
    uncached: Option<(u64, AccessToken)>,
    flight: Option<Flight>,
    backing_off: Option<BackingOff>,
    /// By the monotonic clock, whatever the other clock says: no acquisition starts before this time.
    earliest: Duration,
    /// The same for a caller that asks for a refresh, which no failure delays.
    earliest_refresh: Duration,
    failures: u32,
    permanent_failures: u32,
    invalidations: u32,
    /// Acquisitions in a row that came back without an outcome, or lapsed.
    lost: u32,
    lost_in: Option<Place>,
    /// The server did not respond to a refresh within the time that a refresh has.
    slow: bool,
    next_number: u64,
    /// Acquisitions before this one are of an earlier configuration.
    first_number: u64,
    /// The latest failure, by its number, until the next success.
    last_failure: Option<TokenError>,
    failures_ever: u64,
    /// The acquisition that ended last with an outcome.
    finished: Option<u64>,
    journal: Journal,
}

#[derive(Debug)]
struct Flight {
    number: u64,
    place: Place,
    /// By the monotonic clock.
    lapses: Duration,
    served_meanwhile: bool,
}

#[derive(Debug)]
struct BackingOff {
    until: Time,
    error: TokenError,
    reported: bool,
}

impl Keeper {
    /// Returns a keeper without a token. The seed spreads refreshes and retries among clients that start at one time:
    /// give each another, from any source.
    pub fn new(config: Config, policy: Policy, seed: u64) -> Self {
        Self {
            config,
            policy,
            jitter: Jitter::new(seed),
            timeline: Timeline::new(),
            cached: None,
            uncached: None,
            flight: None,
            backing_off: None,
            earliest: Duration::ZERO,
            earliest_refresh: Duration::ZERO,
            failures: 0,
            permanent_failures: 0,
            invalidations: 0,
            lost: 0,
            lost_in: None,
            slow: false,
            next_number: 1,
            first_number: 1,
            last_failure: None,
            failures_ever: 0,
            finished: None,
            journal: Journal::default(),
        }
    }

    /// Returns what to do now, for a caller that has all the time: the first table above.
    pub fn poll(&mut self, now: Moment) -> Step {
        self.poll_for(&mut Caller::new(), now)
    }

    /// Returns what this caller has to do now. Give the same `caller` from the first poll of a call to the last.
    pub fn poll_for(&mut self, caller: &mut Caller, now: Moment) -> Step {
        let time = self.observe(now);
        let joined = self.join(caller);
        // A token too short-lived for the cache still goes to those who waited for it.
        if let (Some(waits_for), Some((number, token))) = (caller.waits_for, &self.uncached) {
            if *number >= waits_for {
                return Step::Use(token.clone());
            }
        }
        if let Some(cached) = self
            .cached
            .as_ref()
            .filter(|cached| serves(cached, caller, joined, time))
        {
            let token = cached.token.clone();
            // Promise 1: whoever is served with a valid token does not wait for a refresh.
            if !cached.is_due(time) {
                return Step::Use(token);
            }
            if !self.may_start(self.earliest, now) {
                self.report_served_meanwhile();
                return Step::Use(token);
            }
            let timeout = self.refresh_timeout();
            let (place, timeout) = match self.lost_in {
                // Promise 1's exception: a refresh in the background came to nothing, so one caller runs the next.
                Some(Place::Background) => (Place::Here, timeout.min(caller.time_left(now))),
                _ => (Place::Background, timeout),
            };
            let acquisition = self.start(place, timeout, now);
            return Step::Refresh { token, acquisition };
        }
        if caller.refresh && self.finished.is_some_and(|finished| finished >= joined) {
            if let Some(error) = &self.last_failure {
                return Step::Fail(error.clone());
            }
        }
        let may_start = match caller.refresh {
            true => self.flight.is_none() && now.monotonic >= self.earliest_refresh,
            false => self.may_start(self.earliest, now),
        };
        let is_late = caller.time_left(now).is_zero();
        if may_start && !(is_late && self.lost_in == Some(Place::Background)) {
            return Step::Send(self.start_for(caller, now));
        }
        if is_late {
            return Step::Fail(self.error_of_a_late(caller));
        }
        self.wait(caller, time, now)
    }

    /// Returns the time of the monotonic clock at which `poll` may return a different step by itself. A past time
    /// means now. `None` before the first poll.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let monotonic = |time| self.timeline.moment(time).monotonic;
        let resumes = match (&self.flight, &self.backing_off) {
            (Some(flight), _) => flight.lapses.saturating_add(self.spacing()),
            (None, Some(backing_off)) => monotonic(backing_off.until),
            (None, None) => Duration::ZERO,
        };
        let resumes = resumes.max(self.earliest);
        match &self.cached {
            Some(cached) => {
                let schedule = &cached.schedule;
                Some(
                    monotonic(schedule.due)
                        .max(resumes)
                        .min(monotonic(schedule.expiry)),
                )
            }
            None => (self.next_number > 1).then_some(resumes),
        }
    }

    /// Returns the cached token for callers that read it without the keeper, and until when that is right.
    pub fn snapshot(&self) -> Option<Snapshot> {
        let cached = self.cached.as_ref()?;
        let schedule = &cached.schedule;
        let expiry = self.timeline.moment(schedule.expiry);
        let until = match (&self.flight, &self.backing_off) {
            (Some(flight), _) => Moment {
                monotonic: flight.lapses.min(expiry.monotonic),
                wall: expiry.wall,
            },
            // A refresh needs both to be over: the later of them.
            (None, Some(backing_off)) => {
                let later = backing_off.until.max(schedule.due);
                self.timeline.moment(later.min(schedule.expiry))
            }
            (None, None) => self.timeline.moment(schedule.due),
        };
        Some(Snapshot::new(
            cached.token.clone(),
            until,
            self.timeline.least_lead(),
        ))
    }

    /// Takes the outcome of an acquisition, done or undone. Returns the token or the error for whoever waited for it;
    /// `None` if it brought no outcome, or one for a configuration that was replaced: poll again.
    pub fn finish(
        &mut self,
        acquisition: Acquisition,
        now: Moment,
    ) -> Option<Result<AccessToken, TokenError>> {
        let (number, place) = (acquisition.number(), acquisition.place());
        // Before the clocks are read: an outcome that is late and still the newest counts, although its time is over.
        let was_in_flight = self.end_flight(number);
        let time = self.observe(now);
        if number < self.first_number {
            return None;
        }
        let Some((outcome, age)) = acquisition.into_outcome(time, now) else {
            if was_in_flight {
                self.count_as_lost(place, now.monotonic);
                self.journal.record(Event::Cancelled);
            }
            return None;
        };
        let current = was_in_flight || self.flight.is_none() && number + 1 == self.next_number;
        self.finished = self.finished.max(Some(number));
        match &outcome {
            Ok(token) => self.cache(token.clone(), number, age, current, time, now),
            // A late failure says nothing about the acquisition that took its place.
            Err(error) if current => self.back_off(error.clone(), time, now),
            Err(_) => {}
        }
        Some(outcome)
    }

    /// Returns whether an acquisition is in flight.
    pub fn is_fetching(&self) -> bool {
        self.flight.is_some()
    }

    /// Drops exactly this token, since an API rejected it, unless a newer one is cached (promise 6).
    ///
    /// If one new token after the other is rejected, the tokens are not at fault: from the second on, a rejected token
    /// stays cached until it is 2 s old, then 4 s, and so on up to the longest permanent backoff. A route that rejects
    /// everything costs few requests, and other callers go on meanwhile.
    pub fn invalidate(&mut self, token: &AccessToken, now: Moment) {
        let time = self.observe(now);
        self.uncached
            .take_if(|(_, uncached)| uncached.is_same(token));
        let Some(cached) = self
            .cached
            .as_ref()
            .filter(|cached| cached.token.is_same(token))
        else {
            return;
        };
        let age = time.since(cached.sent);
        let max = self.policy.permanent_backoff.max;
        let kept = Backoff {
            initial: 2 * MIN_INTERVAL,
            max,
        };
        if self.invalidations > 0 && age < kept.after(self.invalidations) {
            return;
        }
        // A token that lived so long was accepted before.
        self.invalidations = match age > 2 * max {
            true => 1,
            false => self.invalidations.saturating_add(1),
        };
        self.cached = None;
        self.journal.record(Event::Invalidated);
    }

    /// Replaces the configuration, such as after the secret was rotated, and lifts every backoff.
    ///
    /// A token of the same cache key stays cached. A response to the old configuration that is still in flight is not
    /// taken, and the next request does not wait for it.
    pub fn replace_config(&mut self, config: Config) {
        self.backing_off = None;
        self.last_failure = None;
        (self.failures, self.permanent_failures) = (0, 0);
        self.earliest = self.earliest_refresh;
        if config.makes_same_requests(&self.config) {
            self.config = config;
            return;
        }
        if config.cache_key() != self.config.cache_key() {
            self.cached = None;
        }
        self.config = config;
        self.flight = None;
        self.uncached = None;
        self.earliest = Duration::ZERO;
        self.earliest_refresh = Duration::ZERO;
        (self.invalidations, self.lost, self.lost_in) = (0, 0, None);
        self.first_number = self.next_number;
        self.journal.record(Event::Replaced);
    }

    /// Returns the cached token, to be stored. An expired token is not exported.
    pub fn export(&mut self, now: Moment) -> Option<StoredToken> {
        let time = self.observe(now);
        let cached = self.cached.as_ref()?;
        Some(cached.export(self.config.cache_key().clone(), time, now))
    }

    /// Takes over a stored token if it is of this configuration, still valid, and newer than the cached one. Returns
    /// whether it was taken.
    pub fn restore(&mut self, stored: &StoredToken, now: Moment) -> bool {
        let time = self.observe(now);
        if stored.key() != self.config.cache_key() {
            return false;
        }
        let restored = CachedToken::restored(stored, time, now, &self.policy, &mut self.jitter)
            .filter(|restored| !restored.is_expired(time));
        let is_newer = |restored: &CachedToken| {
            let cached = self.cached.as_ref();
            cached.is_none_or(|cached| {
                restored.schedule.expiry > cached.schedule.expiry && restored.sent > cached.sent
            })
        };
        match restored.filter(is_newer) {
            Some(restored) => {
                self.cached = Some(restored);
                true
            }
            None => false,
        }
    }

    /// Returns the configuration in use.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the next event, oldest first. The latest 64 are kept.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.journal.next()
    }

    /// Mixes randomness into the seed, such as after a `fork`: two processes with one seed would refresh together.
    pub fn reseed(&mut self, entropy: u64) {
        self.jitter.mix(entropy);
    }

    /// Takes a reading of the clocks, and drops what time has ended.
    fn observe(&mut self, now: Moment) -> Time {
        let time = self.timeline.observe(now);
        // Promise 4: expired as soon as either clock says so.
        if self
            .cached
            .take_if(|cached| cached.is_expired(time))
            .is_some()
        {
            self.invalidations = 0;
        }
        self.backing_off
            .take_if(|backing_off| time >= backing_off.until);
        if let Some(flight) = self.flight.take_if(|flight| now.monotonic >= flight.lapses) {
            self.count_as_lost(flight.place, flight.lapses);
            self.journal.record(Event::Lapsed);
        }
        time
    }

    /// Notes at a caller's first poll which acquisitions and failures are its own.
    fn join(&self, caller: &mut Caller) -> u64 {
        if let Some(joined) = caller.joined {
            return joined;
        }
        // The error of a backoff in force is news to whoever comes.
        caller.failures_seen = self.failures_ever - u64::from(self.backing_off.is_some());
        let joined = self
            .flight
            .as_ref()
            .map_or(self.next_number, |flight| flight.number);
        caller.joined = Some(joined);
        joined
    }

    fn may_start(&self, earliest: Duration, now: Moment) -> bool {
        self.flight.is_none() && self.backing_off.is_none() && now.monotonic >= earliest
    }

    fn refresh_timeout(&self) -> Duration {
        let cached = self.cached.as_ref();
        let max_backoff = cached.map_or(Duration::ZERO, |cached| cached.schedule.max_backoff);
        match self.slow {
            true => self.policy.timeout,
            false => self
                .policy
                .timeout
                .min(max_backoff.max(MIN_REFRESH_TIMEOUT)),
        }
    }

    /// The second table above.
    fn start_for(&mut self, caller: &mut Caller, now: Moment) -> Acquisition {
        let (timeout, left) = (self.policy.timeout, caller.time_left(now));
        let (place, timeout) = match self.lost_in {
            Some(Place::Background) => (Place::Here, timeout.min(left)),
            Some(Place::Here) => (Place::Background, timeout),
            // A crowd of hasty callers would take the acquisition with them one after the other.
            None if caller.may_leave || left < timeout => (Place::Background, timeout),
            None => (Place::Here, timeout),
        };
        caller.waits_for.get_or_insert(self.next_number);
        self.start(place, timeout, now)
    }

    fn start(&mut self, place: Place, timeout: Duration, now: Moment) -> Acquisition {
        let number = self.next_number;
        self.next_number += 1;
        self.flight = Some(Flight {
            number,
            place,
            lapses: now.monotonic.saturating_add(timeout).saturating_add(GRACE),
            served_meanwhile: false,
        });
        Acquisition::start(
            self.config.clone(),
            number,
            place,
            timeout,
            self.timeline,
            now,
        )
    }

    /// No valid token is cached, and none may be requested now.
    fn wait(&mut self, caller: &mut Caller, time: Time, now: Moment) -> Step {
        let left = caller.time_left(now);
        if let Some(flight) = &self.flight {
            caller.waits_for.get_or_insert(flight.number);
            return Step::Wait {
                at_most: flight.lapses.saturating_sub(now.monotonic).min(left),
                because: None,
            };
        }
        caller.waits_for.get_or_insert(self.next_number);
        let earliest = match caller.refresh {
            true => self.earliest_refresh,
            false => self.earliest,
        };
        let interval = earliest.saturating_sub(now.monotonic);
        let Some(backing_off) = self.backing_off.as_mut().filter(|_| !caller.refresh) else {
            return Step::Wait {
                at_most: interval.min(left),
                because: None,
            };
        };
        // Promise 5: a permanent error reaches every waiting caller at once, and a wait that is longer than the
        // caller has is the caller's error now.
        let at_most = backing_off.until.since(time).max(interval);
        if !backing_off.error.is_transient() || at_most > left {
            return Step::Fail(backing_off.error.clone());
        }
        let because = Some(backing_off.error.clone());
        if !std::mem::replace(&mut backing_off.reported, true) {
            self.journal.record(Event::Waiting { backoff: at_most });
        }
        Step::Wait { at_most, because }
    }

    /// Promise 5: a caller that gives up gets the server's last error, and a timeout only if there was none since it
    /// began.
    fn error_of_a_late(&self, caller: &Caller) -> TokenError {
        match &self.last_failure {
            Some(error) if self.failures_ever > caller.failures_seen => error.clone(),
            _ => {
                let why = "no token within the caller's max_wait";
                TransportError::new(TransportErrorKind::Timeout, why).into()
            }
        }
    }

    /// Returns whether this acquisition was in flight, which it ends.
    fn end_flight(&mut self, number: u64) -> bool {
        let ended = self.flight.take_if(|flight| flight.number == number);
        ended.is_some()
    }

    /// Returns the time until the next attempt after an acquisition that is lost. The first may be tried again at once; more
    /// in a row are spaced out.
    fn spacing(&self) -> Duration {
        match self.lost {
            0 => Duration::ZERO,
            n => LOST.after(n),
        }
    }

    fn count_as_lost(&mut self, place: Place, since: Duration) {
        let next = since.saturating_add(self.spacing());
        self.lost = self.lost.saturating_add(1);
        self.lost_in = Some(place);
        self.earliest = self.earliest.max(next);
    }

    fn cache(
        &mut self,
        token: AccessToken,
        number: u64,
        age: Duration,
        current: bool,
        time: Time,
        now: Moment,
    ) {
        // A late token does not take the place of a newer one.
        if self
            .cached
            .as_ref()
            .is_some_and(|cached| cached.number > number)
        {
            return;
        }
        if self.cached.is_some() {
            self.invalidations = 0;
        }
        let sent = time.before(age);
        let new = CachedToken::new(token, number, sent, &self.policy, &mut self.jitter);
        // Promise 4: nothing within its margin is handed out again.
        let cached = new.lifetime > MIN_INTERVAL && !new.is_expired(time);
        self.journal.record(Event::Fetched {
            lifetime: new.lifetime,
            took: age,
            cached,
        });
        let next = now
            .monotonic
            .saturating_sub(age)
            .saturating_add(MIN_INTERVAL);
        self.earliest = self.earliest.max(next);
        self.earliest_refresh = self.earliest_refresh.max(next);
        self.slow = age > new.schedule.max_backoff.max(MIN_REFRESH_TIMEOUT);
        // A late success does not lift the backoff that the server asked for since.
        if current {
            self.backing_off = None;
            self.last_failure = None;
            (self.failures, self.permanent_failures) = (0, 0);
            (self.lost, self.lost_in) = (0, None);
        }
        self.uncached = match cached {
            true => None,
            false => Some((number, new.token.clone())),
        };
        if cached {
            self.cached = Some(new);
        }
    }

    fn back_off(&mut self, error: TokenError, time: Time, now: Moment) {
        (self.lost, self.lost_in) = (0, None);
        self.slow |= is_timeout(&error);
        let max_backoff = self
            .cached
            .as_ref()
            .map(|cached| cached.schedule.max_backoff);
        let backoff = match error.is_transient() {
            true => {
                self.failures = self.failures.saturating_add(1);
                // Full jitter: anything from zero to the bound, so that a fleet does not come in waves. Promise 3: the
                // bound is small while a token is cached, so that the first attempt after an outage is in time.
                let bound = self.policy.backoff.after(self.failures);
                let bound = bound.min(max_backoff.unwrap_or(bound));
                self.jitter.up_to(bound).max(MIN_BACKOFF)
            }
            false => {
                self.permanent_failures = self.permanent_failures.saturating_add(1);
                let bound = self.policy.permanent_backoff.after(self.permanent_failures);
                bound / 2 + self.jitter.up_to(bound / 2)
            }
        };
        // Promise 5: the server's own time is the earliest, plus jitter, or a fleet comes back in one instant.
        let asked = error.retry_after().map_or(Duration::ZERO, |retry_after| {
            let wait = retry_after.wait(now.wall).min(self.policy.max_retry_after);
            wait + self.jitter.up_to(wait / 10)
        });
        let backoff = backoff.max(asked);
        let interval = now.monotonic.saturating_add(backoff.min(MIN_INTERVAL));
        self.earliest = self.earliest.max(interval);
        self.journal.record(Event::Failed {
            error: error.clone(),
            backoff,
            serving: max_backoff.is_some(),
        });
        self.last_failure = Some(error.clone());
        self.failures_ever += 1;
        self.backing_off = Some(BackingOff {
            until: time.after(backoff),
            error,
            reported: false,
        });
    }

    fn report_served_meanwhile(&mut self) {
        let flight = self
            .flight
            .as_mut()
            .filter(|flight| !flight.served_meanwhile);
        if let Some(flight) = flight {
            flight.served_meanwhile = true;
            self.journal.record(Event::ServedWhileRefreshing);
        }
    }
}

/// Returns whether the cached token will do for this caller: it lives long enough, or is new to the caller.
fn serves(cached: &CachedToken, caller: &Caller, joined: u64, time: Time) -> bool {
    let is_new = cached.number >= joined;
    is_new || !caller.refresh && cached.remaining(time) >= caller.min_remaining
}

fn is_timeout(error: &TokenError) -> bool {
    matches!(error, TokenError::Transport(error) if error.kind() == TransportErrorKind::Timeout)
}

/// Between an acquisition's timeout and its lapse, for the outcome to arrive in.
const GRACE: Duration = Duration::from_secs(1);

/// However short a token's lifetime, its refresh has this time, or the policy's if that is less. A server that was
/// slower is given the policy's.
const MIN_REFRESH_TIMEOUT: Duration = Duration::from_secs(2);

/// Between acquisitions that are all lost.
const LOST: Backoff = Backoff {
    initial: MIN_BACKOFF,
    max: MIN_INTERVAL,
};
