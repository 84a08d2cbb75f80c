//! The place and the time of an acquisition: the second table of the keeper.

use std::time::Duration;

use crate::acquisition::acquisition::Acquisition;
use crate::acquisition::need::{LEASE, Need};
use crate::acquisition::place::Place;
use crate::clock::Moment;
use crate::keeper::caller::Caller;
use crate::keeper::event::Event;
use crate::keeper::keeper::Keeper;
use crate::keeper::policy::MIN_INTERVAL;
use crate::timeline::Time;

impl Keeper {
    /// Returns whether an acquisition may start. A caller that asks for a refresh does not wait for a backoff.
    pub(super) fn may_start(&self, now: Moment) -> bool {
        !self.flights.is_any()
            && !self.failures.is_backing_off()
            && now.monotonic >= self.flights.earliest(false)
    }

    /// Returns whether a caller without time may start an acquisition in the background. If the last one was lost there,
    /// a caller that has time runs the next, and only a second later one that never waits may start it.
    pub(super) fn may_start_unattended(&self, caller: &Caller, now: Moment) -> bool {
        let others_had_their_turn =
            || now.monotonic >= self.flights.earliest(false).saturating_add(MIN_INTERVAL);
        self.flights.lost_in() != Some(Place::Background)
            || caller.never_waits && others_had_their_turn()
    }

    /// Returns where a refresh runs while a valid token is cached, and its time: the column `Refresh`. Returns `None` if
    /// this caller had to run it and has no time for it.
    pub(super) fn place_of_refresh(
        &self,
        caller: &Caller,
        now: Moment,
    ) -> Option<(Place, Duration)> {
        let (timeout, left) = (self.refresh_timeout(), caller.time_left(now));
        match self.flights.lost_in() {
            // Promise 1's exception: a refresh in the background came to nothing, so one caller that has time runs the
            // next.
            Some(Place::Background) if !left.is_zero() => Some((Place::Here, timeout.min(left))),
            Some(Place::Background) if !self.may_start_unattended(caller, now) => None,
            _ => Some((Place::Background, timeout)),
        }
    }

    pub(super) fn start_refresh(
        &mut self,
        place: Place,
        timeout: Duration,
        time: Time,
        now: Moment,
    ) -> Acquisition {
        let remaining = self.remaining(time);
        if let Some(cached) = &self.cached {
            let age = time.since(cached.sent);
            self.journal.record(Event::RefreshStarted { age });
        }
        let wait = match place {
            // fault: killed-holder-of-a-short-lived-token
            Place::Background => remaining
                .saturating_add(self.policy.timeout / 2)
                .min(3 * LEASE),
            Place::Here => Duration::ZERO,
        };
        self.start(place, (timeout, wait), (remaining, false), true, now)
    }

    /// Starts the acquisition of a token that this caller waits for: the column `Send`.
    pub(super) fn start_request(
        &mut self,
        caller: &mut Caller,
        time: Time,
        now: Moment,
    ) -> Acquisition {
        let (timeout, left) = (self.policy.timeout, caller.time_left(now));
        let (place, timeout) = match self.flights.lost_in() {
            Some(Place::Background) if !caller.never_waits => (Place::Here, timeout.min(left)),
            Some(_) => (Place::Background, timeout),
            // A crowd of hasty callers would take the acquisition with them one after the other.
            None if caller.may_leave || left < timeout => (Place::Background, timeout),
            None => (Place::Here, timeout),
        };
        caller.waits_for.get_or_insert(self.flights.joinable());
        let remaining = self.remaining(time).max(caller.min_remaining);
        let need = (remaining, caller.refresh);
        self.start(place, (timeout, Duration::ZERO), need, false, now)
    }

    /// `wait` is the time for leases of other processes. A refresh waits for three, two of which may run out. No caller waits
    /// for other processes for longer than half of an exchange: a refresh ends its wait that long after the cached token
    /// has expired.
    fn start(
        &mut self,
        place: Place,
        (request, wait): (Duration, Duration),
        (remaining, fresh): (Duration, bool),
        is_refresh: bool,
        now: Moment,
    ) -> Acquisition {
        // fault: refresh-does-not-wait-for-a-slow-holder
        let wait = self.known.as_ref().map_or(Duration::ZERO, |_| wait);
        let timeout = request + wait;
        let attempt = 1 + self.failures.count().saturating_add(self.flights.lost());
        let number = self.flights.start(place, timeout, now.monotonic);
        self.is_lifted = false;
        let mut acquisition = Acquisition::start(
            self.config.clone(),
            (number, attempt),
            place,
            timeout,
            self.timeline,
            now,
        );
        // An error response counts for the processes that were there when it arrived.
        let first_start = *self.first_start.get_or_insert(now.monotonic);
        if let Some(known) = self.known.as_deref().copied() {
            let need = Need {
                remaining,
                fresh,
                default_lifetime: self.policy.default_lifetime,
                expiry_margin: self.policy.expiry_margin,
                max_error_age: match fresh {
                    true => Duration::ZERO,
                    false => now
                        .monotonic
                        .saturating_sub(first_start)
                        .min(self.policy.permanent_backoff.max),
                },
                is_local: self.is_local,
                is_refresh,
                wait,
                timeout: request,
            };
            acquisition.share(known, self.rejected, need, now);
        }
        acquisition
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

    /// Returns how long the cached token is still handed out.
    fn remaining(&self, time: Time) -> Duration {
        let cached = self.cached.as_ref();
        cached.map_or(Duration::ZERO, |cached| cached.remaining(time))
    }
}

/// However short a token's lifetime, its refresh has this time, or the policy's if that is less. A server that was
/// slower is given the policy's.
pub(super) const MIN_REFRESH_TIMEOUT: Duration = Duration::from_secs(2);
