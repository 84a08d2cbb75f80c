//! The outcome of an acquisition becomes the cached token, or a backoff.

use std::time::Duration;

use crate::acquisition::acquisition::Acquisition;
use crate::clock::Moment;
use crate::keeper::cached_token::CachedToken;
use crate::keeper::event::Event;
use crate::keeper::keeper::{Keeper, MIN_REFRESH_TIMEOUT};
use crate::keeper::policy::MIN_INTERVAL;
use crate::timeline::Time;
use crate::token::AccessToken;
use crate::token_response::error::TokenError;
use crate::transport::error::TransportErrorKind;

impl Keeper {
    /// Takes the outcome of an acquisition, done or undone. Returns the token or the error for the callers that waited
    /// for it; `None` if it brought no outcome, or one for a configuration that was replaced: poll again.
    pub fn finish(
        &mut self,
        acquisition: Acquisition,
        now: Moment,
    ) -> Option<Result<AccessToken, TokenError>> {
        let (number, place) = (acquisition.number(), acquisition.place());
        // Before the clocks are read: an outcome that is late and still the newest counts, although its time is over.
        let was_in_flight = self.flights.end(number);
        let time = self.observe(now);
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
        let current = was_in_flight || !self.flights.is_any() && self.flights.is_newest(number);
        self.flights.note_outcome(number);
        match &outcome {
            Ok(token) => self.cache(token.clone(), number, age, current, time, now),
            // A late failure says nothing about the acquisition that took its place.
            Err(error) if current => self.back_off(error.clone(), time, now),
            Err(_) => {}
        }
        Some(outcome)
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
        // Promise 4: a wall clock that was set forward adds to the age, and must not make a hot loop.
        let passed = now.monotonic.saturating_sub(self.flights.started());
        let next = now
            .monotonic
            .saturating_sub(age.min(passed))
            .saturating_add(MIN_INTERVAL);
        self.flights.hold_all_until(next);
        self.slow = age > new.schedule.max_backoff.max(MIN_REFRESH_TIMEOUT);
        // A late success does not lift the backoff that the server asked for since.
        if current {
            self.failures.clear();
            self.flights.forget_lost();
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
        self.flights.forget_lost();
        self.slow |= is_timeout(&error);
        let cached = self.cached.as_ref();
        let max_backoff = cached.map(|cached| cached.schedule.max_backoff);
        let backoff = self.failures.back_off(
            error.clone(),
            max_backoff,
            &self.policy,
            &mut self.jitter,
            time,
            now,
        );
        let interval = now.monotonic.saturating_add(backoff.min(MIN_INTERVAL));
        self.flights.hold_until(interval);
        self.journal.record(Event::Failed {
            error,
            backoff,
            serving: max_backoff.is_some(),
        });
    }
}

fn is_timeout(error: &TokenError) -> bool {
    matches!(error, TokenError::Transport(error) if error.kind() == TransportErrorKind::Timeout)
}
