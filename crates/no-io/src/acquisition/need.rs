//! The token that an acquisition needs, and the time that it has for it.

use std::time::Duration;

/// The token that an acquisition needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    /// An entry has to be valid for longer than this, unless it was requested after the acquisition began.
    pub(crate) remaining: Duration,
    /// An entry has to be requested after the acquisition began.
    pub(crate) fresh: bool,
    pub(crate) default_lifetime: Duration,
    pub(crate) expiry_margin: Duration,
    /// The age up to which a shared error response counts, as of when the acquisition began.
    pub(crate) max_error_age: Duration,
    /// The processes that share the store have one address, so each of them keeps to the server's `Retry-After`.
    pub(crate) is_local: bool,
    /// A valid token is cached, and callers are served with it meanwhile.
    pub(crate) is_refresh: bool,
    /// The time for the lease of another process, beside the time for a request.
    pub(crate) wait: Duration,
    /// The time that is kept for a request.
    pub(crate) timeout: Duration,
}

impl Need {
    /// Returns how long the lease of a claim lasts. If callers would wait for a holder that is killed or stopped, it is twice
    /// the time that the latest lease took.
    // fault: killed-holder-of-a-short-lived-token
    pub(crate) fn lease(&self, took: Option<Duration>) -> Duration {
        let lasts = self.is_refresh && self.remaining >= LEASE.saturating_add(2 * self.timeout);
        match took {
            Some(took) if !lasts => took
                .saturating_mul(2)
                .clamp(MIN_LEASE, self.longest_lease()),
            _ => self.longest_lease(),
        }
    }

    /// On one machine a slow server has more time: an error response counts only within its lease.
    pub(crate) fn longest_lease(&self) -> Duration {
        match self.is_local {
            true => LEASE.max(self.timeout / 2),
            false => LEASE,
        }
    }

    /// Returns whether a token of this age will do. `waited` is the time since the acquisition began.
    pub(crate) fn is_met_by(
        &self,
        lifetime: Option<Duration>,
        age: Duration,
        waited: Duration,
    ) -> bool {
        let lifetime = lifetime.unwrap_or(self.default_lifetime);
        let margin = self.expiry_margin.min(lifetime / 10);
        let remaining = lifetime.saturating_sub(age).saturating_sub(margin);
        let is_new = age <= waited;
        let lives_longer = !self.fresh && remaining > self.remaining;
        !remaining.is_zero() && (is_new || lives_longer)
    }

    /// Returns the part of the wait that is left when the request is made, once.
    pub(crate) fn take_unused_wait(&mut self, left: Duration) -> Duration {
        let unused = left.saturating_sub(self.timeout).min(self.wait);
        self.wait = Duration::ZERO;
        unused
    }

    /// Returns the time that is kept for the request while the store is asked.
    pub(crate) fn kept(&self) -> Duration {
        match self.wait.is_zero() {
            true => self.timeout / 2,
            false => self.timeout,
        }
    }
}

/// The longest lease. A holder that needs longer may finish after the next one: the higher number wins.
pub(crate) const LEASE: Duration = Duration::from_secs(3);

/// The shortest lease, however fast the server.
const MIN_LEASE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    fn need() -> Need {
        Need {
            remaining: Duration::ZERO,
            fresh: false,
            default_lifetime: Duration::from_secs(300),
            expiry_margin: Duration::from_secs(30),
            max_error_age: Duration::ZERO,
            is_local: false,
            is_refresh: false,
            wait: Duration::ZERO,
            timeout: Duration::from_secs(10),
        }
    }

    #[test]
    fn token_that_lasts_longer_than_the_minimum_meets_the_need() {
        let remaining = Duration::from_secs(100);
        let need = Need {
            remaining,
            ..need()
        };
        let lifetime = Some(Duration::from_secs(900));
        // 900 s less the margin of 30 s.
        let age = Duration::from_secs(770);
        assert!(!need.is_met_by(lifetime, age, Duration::ZERO));
        let younger = age - Duration::from_nanos(1);
        assert!(need.is_met_by(lifetime, younger, Duration::ZERO));
        assert!(need.is_met_by(lifetime, age, age), "it is new");
        let fresh = Need {
            fresh: true,
            ..need
        };
        assert!(!fresh.is_met_by(lifetime, younger, Duration::ZERO));
        assert!(fresh.is_met_by(lifetime, younger, younger));
    }

    #[test]
    fn token_within_its_margin_meets_no_need() {
        let waited = Duration::from_secs(1000);
        for (lifetime, expires) in [(Some(900), 870), (Some(100), 90), (None, 270)] {
            let lifetime = lifetime.map(Duration::from_secs);
            let expires = Duration::from_secs(expires);
            assert!(!need().is_met_by(lifetime, expires, waited), "{expires:?}");
            let before = expires - Duration::from_nanos(1);
            assert!(need().is_met_by(lifetime, before, waited), "{expires:?}");
        }
    }
}
