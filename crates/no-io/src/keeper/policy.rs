//! The numbers that the life of a token depends on, and nothing that decides.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::rate_limits::MAX_WAIT;

/// When to refresh, how long to wait, and how often to try.
///
/// The defaults suit Experience Edge. Each setter cuts its value to what keeps the promises, so no
/// policy can make a hot loop or hand out a dead token.
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
    pub(crate) refresh: RangeInclusive<u32>,
    pub(crate) default_lifetime: Duration,
    pub(crate) timeout: Duration,
    pub(crate) backoff: Backoff,
    pub(crate) refusal: Backoff,
}

/// A pause that doubles each time, up to a longest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl Backoff {
    /// The pause after the `n`th failure in a row, counted from 1.
    pub(crate) fn after(self, n: u32) -> Duration {
        let factor = 2_u32.saturating_pow(n.saturating_sub(1));
        self.first.saturating_mul(factor).min(self.longest)
    }

    fn new(first: Duration, longest: Duration, floor: Duration) -> Self {
        let first = first.clamp(floor, MAX_WAIT);
        Self {
            first,
            longest: longest.clamp(first, MAX_WAIT),
        }
    }
}

impl Policy {
    /// How long before its end a token is not handed out any more, 30 s by default. Of a token that
    /// lives short, never more than a tenth of its life.
    #[must_use]
    pub fn expiry_margin(mut self, expiry_margin: Duration) -> Self {
        self.expiry_margin = expiry_margin;
        self
    }

    /// In which part of a token's life it is refreshed, in percent, 80 to 90 by default; the seed picks
    /// the point. Cut to 10 to 90, and earlier where that is needed for an outage of a tenth of the
    /// life to pass before the margin begins.
    #[must_use]
    pub fn refresh_between(mut self, percent: RangeInclusive<u8>) -> Self {
        let from = u32::from(*percent.start()).clamp(10, 90);
        let to = u32::from(*percent.end()).clamp(from, 90);
        self.refresh = from..=to;
        self
    }

    /// The life of a token whose server does not say, 5 minutes by default. Cut to 1 second to 10 years.
    #[must_use]
    pub fn default_lifetime(mut self, lifetime: Duration) -> Self {
        self.default_lifetime = lifetime.clamp(Duration::from_secs(1), MAX_LIFETIME);
        self
    }

    /// The time for one exchange, 10 s by default. Cut to 10 ms to 10 minutes.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.clamp(Duration::from_millis(10), Duration::from_secs(600));
        self
    }

    /// The pauses between attempts after transient faults: random between zero and a bound that starts
    /// at `first`, doubles, and ends at `longest`; 500 ms and 30 s by default. Never below 50 ms.
    #[must_use]
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.backoff = Backoff::new(first, longest, MIN_BACKOFF);
        self
    }

    /// The pauses after the server refused for good: at least half of a bound that starts at `first`,
    /// doubles, and ends at `longest`; 10 s and 10 minutes by default. `first` is never below 1 s.
    #[must_use]
    pub fn permanent_backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.refusal = Backoff::new(first, longest, MIN_INTERVAL);
        self
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            expiry_margin: Duration::from_secs(30),
            refresh: 80..=90,
            default_lifetime: Duration::from_secs(5 * 60),
            timeout: Duration::from_secs(10),
            backoff: Backoff {
                first: Duration::from_millis(500),
                longest: Duration::from_secs(30),
            },
            refusal: Backoff {
                first: Duration::from_secs(10),
                longest: Duration::from_secs(10 * 60),
            },
        }
    }
}

/// The shortest pause after a fault.
pub(crate) const MIN_BACKOFF: Duration = Duration::from_millis(50);

/// The least time between two tokens, whatever their lives and whoever refuses them.
pub(crate) const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// No token is believed to live longer.
pub(crate) const MAX_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
