//! The time of the next attempt, as a server names it.

use std::time::Duration;

/// The longest wait that a header can ask for. A longer one is a mistake, such as a time in another unit or by a wrong
/// clock, and is ignored.
pub const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The earliest time of the next attempt.
///
/// A server gives a delay or a date. A date is read against the response's own `Date` header, so that a wrong clock of
/// the client does no harm. Only without that header the date is compared with the client's clock.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{MAX_WAIT, RateLimits};
///
/// let response = http::Response::builder()
///     .header("retry-after", "Sun, 09 Sep 2001 01:47:10 GMT")
///     .body(())
///     .unwrap();
/// let retry_after = RateLimits::read(response.headers()).retry_after.unwrap();
/// assert_eq!(retry_after.wait(Duration::from_secs(1_000_000_000)), Duration::from_secs(30));
/// // For a clock of 1970 the date is 31 years away, and counts as none.
/// assert_eq!(retry_after.wait(Duration::ZERO), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter {
    delay: Duration,
    /// The dates of `Retry-After` and of the rate limit's reset. Each is checked against the clock by itself.
    dates: [Option<Duration>; 2],
}

impl RetryAfter {
    /// Returns how long to wait, counted from the arrival of the response, at most [`MAX_WAIT`]. `wall` is the time of
    /// that arrival on the caller's clock, since the Unix epoch. A date that is further away counts as none.
    pub fn wait(&self, wall: Duration) -> Duration {
        let dates = self.dates.into_iter().flatten();
        let waits = dates.map(|date| date.saturating_sub(wall));
        let sane = waits.filter(|wait| *wait <= MAX_WAIT);
        sane.fold(self.delay, Duration::max)
    }

    pub(crate) fn after(delay: Duration) -> Option<Self> {
        (delay <= MAX_WAIT).then_some(Self {
            delay,
            dates: [None; 2],
        })
    }

    pub(super) fn at(date: Duration, server_now: Option<Duration>) -> Option<Self> {
        match server_now {
            Some(now) => Self::after(date.saturating_sub(now)),
            None => Some(Self {
                delay: Duration::ZERO,
                dates: [Some(date), None],
            }),
        }
    }

    pub(super) fn later(self, other: Self) -> Self {
        let mut dates = self.dates.into_iter().chain(other.dates).flatten();
        Self {
            delay: self.delay.max(other.delay),
            dates: [dates.next(), dates.next()],
        }
    }
}
