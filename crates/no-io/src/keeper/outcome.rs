//! The outcome of an acquisition becomes the cached token, or a backoff.

use std::time::Duration;

use crate::acquisition::acquisition::Acquisition;
use crate::acquisition::shared_error::SharedError;
use crate::clock::Moment;
use crate::keeper::cached_token::CachedToken;
use crate::keeper::event::Event;
use crate::keeper::failures::{Failure, is_timeout};
use crate::keeper::keeper::{Keeper, Uncached};
use crate::keeper::place::MIN_REFRESH_TIMEOUT;
use crate::keeper::policy::MIN_INTERVAL;
use crate::store::finish::Share;
use crate::timeline::Time;
use crate::token::AccessToken;
use crate::token_response::error::TokenError;

/// The facts about a token that arrived.
struct Facts {
    /// The number of its acquisition.
    number: u64,
    attempt: u32,
    age: Duration,
    current: bool,
    adopted: bool,
}

impl Keeper {
    /// Takes the outcome of an acquisition, done or undone. Returns the token or the error for the callers that waited
    /// for it; `None` if it brought no outcome, or one for a configuration that was replaced: poll again.
    pub fn finish(
        &mut self,
        mut acquisition: Acquisition,
        now: Moment,
    ) -> Option<Result<AccessToken, TokenError>> {
        let (number, place) = (acquisition.number(), acquisition.place());
        // Before the clocks are read: an outcome that is late and still the newest counts, although its time is over.
        let was_in_flight = self.flights.end(number);
        let time = self.observe(now);
        let requested = acquisition.has_requested();
        let (attempt, limits) = (acquisition.attempt(), acquisition.take_limits());
        let shared = acquisition.take_shared();
        if let Some(error) = shared.as_ref().and_then(|shared| shared.error.clone()) {
            self.journal.record(Event::StoreFailed { error });
        }
        let lease = shared.as_ref().and_then(|shared| shared.lease);
        if let Some((number, _)) = lease {
            self.release(number, Share::Nothing);
        }
        if self.flights.is_of_earlier_config(number) {
            return None;
        }
        let Some((outcome, age)) = acquisition.into_outcome(time, now) else {
            if was_in_flight {
                self.flights.count_as_lost(place, now.monotonic);
                self.journal.record(Event::Cancelled);
            }
            return None;
        };
        if let Some(limits) = limits {
            self.journal.record(Event::Quota { limits });
        }
        let adopted = shared.as_ref().and_then(|shared| shared.adopted).is_some();
        // Promise 6: an API may have rejected the token since the acquisition began.
        let is_rejected = |token: &AccessToken| self.rejected.contains(token);
        if adopted && outcome.as_ref().is_ok_and(is_rejected) {
            if let Some(shared) = &shared {
                self.share(shared, &outcome, age, Duration::ZERO, time, now);
            }
            return None;
        }
        let current = was_in_flight || !self.flights.is_any() && self.flights.is_newest(number);
        self.flights.note_outcome(number);
        let hold = match &outcome {
            Ok(token) => {
                let facts = Facts {
                    number,
                    attempt,
                    age,
                    current,
                    adopted,
                };
                self.cache(token.clone(), facts, time, now);
                Duration::ZERO
            }
            // A late failure says nothing about the acquisition that took its place.
            Err(error) if current => {
                let shared_error = shared.as_ref().and_then(|shared| shared.shared_error);
                let took = requested.then_some(age);
                self.back_off(error.clone(), shared_error, (took, attempt), time, now)
            }
            Err(_) => Duration::ZERO,
        };
        if let Some(shared) = shared {
            self.share(&shared, &outcome, age, hold, time, now);
        }
        Some(outcome)
    }

    fn cache(&mut self, token: AccessToken, facts: Facts, time: Time, now: Moment) {
        let (number, age, adopted) = (facts.number, facts.age, facts.adopted);
        // A late token does not take the place of a newer one.
        let cached = self.cached.as_ref();
        if cached.is_some_and(|cached| cached.number > number) {
            return;
        }
        if self.cached.is_some() {
            self.invalidations = 0;
        }
        let sent = time.before(age);
        // An adopted token was spread by the process that requested it.
        let ends_a_gap = !adopted && (self.cached.is_none() || self.failures.last().is_some());
        let mut new = CachedToken::new(
            token,
            number,
            sent,
            ends_a_gap,
            &self.policy,
            &mut self.jitter,
        );
        new.is_adopted = adopted;
        // Promise 4: nothing within its margin is handed out again.
        let cached = new.lifetime > MIN_INTERVAL && !new.is_expired(time);
        let (lifetime, expiry) = (new.lifetime, new.wall_expiry(time, now));
        self.journal.record(match adopted {
            true => Event::Adopted {
                lifetime,
                age,
                expiry,
            },
            false => Event::Fetched {
                lifetime,
                took: age,
                cached,
                expiry,
                attempt: facts.attempt,
            },
        });
        // Promise 4: a wall clock that was set forward adds to the age, and must not make a hot loop. An adopted token
        // may be older than this process, and its request was not ours.
        let passed = match adopted {
            true => age,
            false => age.min(now.monotonic.saturating_sub(self.flights.started())),
        };
        let interval = MIN_INTERVAL.saturating_sub(passed);
        self.flights
            .hold_all_until(now.monotonic.saturating_add(interval));
        if !adopted {
            self.slow = age > new.schedule.max_backoff.max(MIN_REFRESH_TIMEOUT);
        }
        // A late success does not lift the backoff that the server asked for since.
        if facts.current {
            self.failures.clear();
            self.flights.forget_lost();
        }
        self.uncached = match cached {
            true => None,
            false => Some(Uncached {
                number,
                token: new.token.clone(),
                ends: (lifetime > MIN_INTERVAL).then(|| sent.after(lifetime)),
            }),
        };
        if cached {
            self.cached = Some(new);
        }
    }

    /// Returns for how long the store holds the error.
    fn back_off(
        &mut self,
        error: TokenError,
        shared: Option<SharedError>,
        (took, attempt): (Option<Duration>, u32),
        time: Time,
        now: Moment,
    ) -> Duration {
        self.flights.forget_lost();
        self.slow |= is_timeout(&error);
        let cached = self.cached.as_ref();
        let max_backoff = cached.map(|cached| cached.schedule.max_backoff);
        let failure = Failure {
            error: error.clone(),
            max_backoff,
            shared,
        };
        let (policy, jitter) = (&self.policy, &mut self.jitter);
        let backoff = self.failures.back_off(failure, policy, jitter, time, now);
        let interval = now.monotonic.saturating_add(backoff.min(MIN_INTERVAL));
        self.flights.hold_until(interval);
        // Whatever a store says, no process backs off for longer.
        let hold = shared.map_or(backoff, |shared| {
            shared.left.min(self.policy.longest_backoff(&error, now))
        });
        if shared.is_none_or(|shared| shared.is_new) {
            self.journal.record(Event::Failed {
                error,
                backoff,
                serving: max_backoff.is_some(),
                took,
                attempt,
            });
        }
        hold
    }
}
