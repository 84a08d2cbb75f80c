//! The table of a [`Keeper`]: the only place that decides *when*.

use crate::clock::Moment;
use crate::keeper::cached_token::CachedToken;
use crate::keeper::caller::Caller;
use crate::keeper::event::Event;
use crate::keeper::keeper::Keeper;
use crate::keeper::outage::{Candidate, Held};
use crate::keeper::step::Step;
use crate::timeline::Time;
use crate::token_response::error::TokenError;

impl Keeper {
    /// Returns what to do now, for a caller that has all the time: the first table above.
    pub fn poll(&mut self, now: Moment) -> Step {
        self.poll_for(&mut Caller::new(), now)
    }

    /// Returns what this caller has to do now. Give the same `caller` from the first poll of a call to the last.
    pub fn poll_for(&mut self, caller: &mut Caller, now: Moment) -> Step {
        self.poll_among(caller, now, |_| Ok(()))
    }

    /// Returns what this caller has to do now, as [`poll_for`](Self::poll_for) does, if keepers share what they know about
    /// token endpoints: `admit` is [`EndpointHealth::admit`](crate::EndpointHealth::admit). It is asked before an
    /// acquisition starts. A keeper that is not admitted backs off as after the error of another keeper. A caller that
    /// asks for a refresh is always admitted.
    pub fn poll_among(
        &mut self,
        caller: &mut Caller,
        now: Moment,
        admit: impl FnOnce(&Candidate<'_>) -> Result<(), Held>,
    ) -> Step {
        let time = self.observe(now);
        let joined = self.join(caller, time);
        // A token too short-lived for the cache still goes to those who waited for it.
        if let (Some(waits_for), Some(uncached)) = (caller.waits_for, &self.uncached) {
            // Promise 4: a caller that came after its end is not handed an expired token.
            let was_valid = caller.began < uncached.ends || uncached.ends.is_none();
            if uncached.number >= waits_for && was_valid {
                return Step::Use(uncached.token.clone());
            }
        }
        if let Some(cached) = self
            .cached
            .as_ref()
            .filter(|cached| serves(cached, caller, joined, time))
        {
            let token = cached.token.clone();
            // Promise 1: a caller that is served with a valid token does not wait for a refresh.
            if !cached.is_due(time) {
                return Step::Use(token);
            }
            if !self.may_start(now) {
                if self.flights.is_first_served_meanwhile() {
                    self.journal.record(Event::ServedWhileRefreshing);
                }
                return Step::Use(token);
            }
            let Some((place, timeout)) = self.place_of_refresh(caller, now) else {
                return Step::Use(token);
            };
            if !self.is_admitted(admit, time) {
                return Step::Use(token);
            }
            let acquisition = self.start_refresh(place, timeout, time, now);
            return Step::Refresh { token, acquisition };
        }
        if caller.refresh && self.flights.has_finished(joined) {
            if let Some(error) = self.failures.last() {
                return Step::Fail(error.clone());
            }
        }
        let may_start = match caller.refresh {
            true => !self.flights.is_any() && now.monotonic >= self.flights.earliest(true),
            false => self.may_start(now),
        };
        let is_late = caller.time_left(now).is_zero();
        if may_start
            && (!is_late || self.may_start_unattended(caller, now))
            && (caller.refresh || self.is_admitted(admit, time))
        {
            return Step::Send(self.start_request(caller, time, now));
        }
        if is_late {
            return Step::Fail(self.error_of_a_late(caller));
        }
        self.wait(caller, time, now)
    }

    /// Returns whether this keeper may ask its endpoint. If not, it backs off.
    fn is_admitted(
        &mut self,
        admit: impl FnOnce(&Candidate<'_>) -> Result<(), Held>,
        time: Time,
    ) -> bool {
        let candidate = Candidate {
            config: &self.config,
            policy: &self.policy,
            has_token: self.cached.is_some(),
            has_failed: self.failures.count() > 0 || self.flights.lost() > 0,
            latest: self.failures.last(),
            is_lifted: self.is_lifted,
        };
        let Err(held) = admit(&candidate) else {
            return true;
        };
        let cached = self.cached.as_ref();
        let max_backoff = cached.map(|cached| cached.schedule.max_backoff);
        self.failures
            .hold(held, max_backoff, &self.policy, &mut self.jitter, time);
        false
    }

    /// Notes at a caller's first poll which acquisitions and failures are its own.
    fn join(&self, caller: &mut Caller, time: Time) -> u64 {
        if let Some(joined) = caller.joined {
            return joined;
        }
        caller.failures_seen = self.failures.seen_by_newcomer();
        let joined = self.flights.joinable();
        caller.joined = Some(joined);
        caller.began = Some(time);
        joined
    }

    /// No valid token is cached, and none may be requested now.
    fn wait(&mut self, caller: &mut Caller, time: Time, now: Moment) -> Step {
        let left = caller.time_left(now);
        caller.waits_for.get_or_insert(self.flights.joinable());
        if let Some(lapses) = self.flights.lapses() {
            return Step::Wait {
                at_most: lapses.saturating_sub(now.monotonic).min(left),
                because: None,
            };
        }
        let earliest = self.flights.earliest(caller.refresh);
        let interval = earliest.saturating_sub(now.monotonic);
        let Some(backing_off) = self.failures.backing_off().filter(|_| !caller.refresh) else {
            return Step::Wait {
                at_most: interval.min(left),
                because: None,
            };
        };
        // Promise 5: a permanent error reaches every waiting caller at once, and a wait that is longer than the
        // caller has is the caller's error now.
        let at_most = backing_off.until.since(time).max(interval);
        if !backing_off.error.is_transient() {
            return Step::Fail(backing_off.error.clone());
        }
        if backing_off.expected.since(time).max(interval) > left {
            return Step::Fail(self.error_of_a_late(caller));
        }
        let because = Some(backing_off.error.clone());
        if backing_off.is_first_report() {
            self.journal.record(Event::Waiting { backoff: at_most });
        }
        Step::Wait { at_most, because }
    }

    fn error_of_a_late(&self, caller: &Caller) -> TokenError {
        self.failures
            .error_of_a_late(caller, self.config.endpoint())
    }
}

/// Returns whether the cached token will do for this caller: it lives long enough, or is new to the caller.
fn serves(cached: &CachedToken, caller: &Caller, joined: u64, time: Time) -> bool {
    // An acquisition that the caller joined may adopt a token that is older than the call.
    let is_old = cached.is_adopted && caller.began > Some(cached.sent);
    let is_new = cached.number >= joined && !is_old;
    is_new || !caller.refresh && cached.remaining(time) >= caller.min_remaining
}
