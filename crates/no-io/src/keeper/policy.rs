//! The numbers that the lifecycle of a token depends on. Nothing here decides.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::clock::Moment;
use crate::keeper::backoff::Backoff;
use crate::rate_limits::retry_after::MAX_WAIT;
use crate::token::MAX_LIFETIME;
use crate::token_response::error::TokenError;

/// Settings of refreshes, backoffs and timeouts.
///
/// The defaults suit Experience Edge. Each setter clamps its value to what keeps the promises, so no policy can make a
/// hot loop or hand out an expired token.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::Policy;
///
/// let policy = Policy::default().expiry_margin(Duration::from_secs(60)).timeout(Duration::from_secs(5));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(crate) expiry_margin: Duration,
    /// In percent of the lifetime.
    pub(crate) refresh: RangeInclusive<u32>,
    /// In percent of the lifetime.
    pub(crate) first_refresh: u32,
    pub(crate) default_lifetime: Duration,
    pub(crate) timeout: Duration,
    pub(crate) backoff: Backoff,
    pub(crate) permanent_backoff: Backoff,
    pub(crate) max_retry_after: Duration,
}

impl Policy {
    /// Sets how long before its expiry a token is no longer handed out, 30 s by default. It is never more than a tenth of
    /// the token's lifetime.
    #[must_use]
    pub fn expiry_margin(mut self, expiry_margin: Duration) -> Self {
        self.expiry_margin = expiry_margin;
        self
    }

    /// Sets the part of a token's lifetime in which it is refreshed, in percent, 80 to 90 by default; the seed picks the
    /// point. Clamped to 10 to 90, and earlier if an outage of a tenth of the lifetime has to pass before the margin
    /// begins.
    #[must_use]
    pub fn refresh_between(mut self, percent: RangeInclusive<u8>) -> Self {
        let from = u32::from(*percent.start()).clamp(10, 90);
        let to = u32::from(*percent.end()).clamp(from, 90);
        self.refresh = from..=to;
        self
    }

    /// Sets the part of the lifetime from which on the first token after a start or an outage is refreshed, in percent, 40
    /// by default; the seed picks a point between this one and the end of [`refresh_between`](Self::refresh_between). So
    /// clients that start together, or lose the server together, do not refresh together. Clamped to 10 to 90, and never
    /// later than `refresh_between` begins.
    #[must_use]
    pub fn first_refresh_from(mut self, percent: u8) -> Self {
        self.first_refresh = u32::from(percent).clamp(10, 90);
        self
    }

    /// Sets the lifetime of a token whose response does not name one (RFC 6749 §5.1), 5 minutes by default. Clamped to
    /// 1 s to 10 years.
    #[must_use]
    pub fn default_lifetime(mut self, lifetime: Duration) -> Self {
        self.default_lifetime = lifetime.clamp(Duration::from_secs(1), MAX_LIFETIME);
        self
    }

    /// Sets the time for one acquisition: one token request and its response, and its assertions. 10 s by default,
    /// clamped to 10 ms to 10 minutes.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.clamp(Duration::from_millis(10), Duration::from_secs(600));
        self
    }

    /// Sets the backoff after transient errors: random between zero and a bound that starts at `initial`, doubles, and
    /// ends at `max`; 500 ms and 30 s by default. Never below 50 ms.
    #[must_use]
    pub fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.backoff = Backoff::new(initial, max, MIN_BACKOFF);
        self
    }

    /// Sets the backoff after permanent errors, such as a wrong secret: at least half of a bound that starts at
    /// `initial`, doubles, and ends at `max`; 10 s and 10 minutes by default. `initial` is never below 1 s.
    #[must_use]
    pub fn permanent_backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.permanent_backoff = Backoff::new(initial, max, MIN_INTERVAL);
        self
    }

    /// Sets the longest wait that a server can ask for with `Retry-After` or with a reset time, 24 h by default; a
    /// longer one is cut to it. Clamped to 1 s to 24 h.
    #[must_use]
    pub fn max_retry_after(mut self, max: Duration) -> Self {
        self.max_retry_after = max.clamp(Duration::from_secs(1), MAX_WAIT);
        self
    }

    /// Returns the wait that the server asked for, within the bound.
    pub(crate) fn wait_asked_for(&self, error: &TokenError, now: Moment) -> Duration {
        let asked = error.retry_after();
        asked.map_or(Duration::ZERO, |retry_after| {
            retry_after.wait(now.wall).min(self.max_retry_after)
        })
    }

    /// Returns the longest backoff after this error.
    pub(crate) fn longest_backoff(&self, error: &TokenError, now: Moment) -> Duration {
        let own = match error.is_transient() {
            true => self.backoff.max,
            false => self.permanent_backoff.max,
        };
        let asked = self.wait_asked_for(error, now);
        own.max(asked + asked / 10)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            expiry_margin: Duration::from_secs(30),
            refresh: 80..=90,
            first_refresh: 40,
            default_lifetime: Duration::from_secs(5 * 60),
            timeout: Duration::from_secs(10),
            backoff: Backoff {
                initial: Duration::from_millis(500),
                max: Duration::from_secs(30),
            },
            permanent_backoff: Backoff {
                initial: Duration::from_secs(10),
                max: Duration::from_secs(10 * 60),
            },
            max_retry_after: MAX_WAIT,
        }
    }
}

/// The shortest backoff after a transient error.
pub(crate) const MIN_BACKOFF: Duration = Duration::from_millis(50);

/// The least time between two tokens, whatever their lifetimes.
pub(crate) const MIN_INTERVAL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::config::Config;
    use crate::secret::Secret;
    use crate::token_response::response::token_response;

    #[test]
    fn longest_backoff_is_a_tenth_longer_than_the_wait_asked_for() {
        let config = Config::builder("https://login.example/token", "id");
        let config = config.client_secret(Secret::new("s3cret")).build().unwrap();
        let now = Moment {
            monotonic: Duration::from_secs(1),
            wall: Duration::from_secs(1_800_000_000),
        };
        for (wait, longest) in [("1000", 1100), ("20", 30)] {
            let response = http::Response::builder().status(503);
            let response = response.header("retry-after", wait).body("").unwrap();
            let error = token_response(&config, &response).unwrap_err();
            let backoff = Policy::default().longest_backoff(&error, now);
            assert_eq!(backoff, Duration::from_secs(longest));
        }
    }
}
