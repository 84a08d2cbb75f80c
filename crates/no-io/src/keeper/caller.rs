//! One call of a token source: what it asks for, and what it has seen so far.

use std::time::Duration;

use crate::clock::Moment;
use crate::timeline::Time;

/// One caller that wants a token, for [`Keeper::poll_for`](crate::Keeper::poll_for). Keep it from the first poll of a
/// call to the last.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Caller, Moment};
///
/// let now = Moment { monotonic: Duration::from_secs(5), wall: Duration::from_secs(1_800_000_000) };
/// let caller = Caller::new().max_wait(Duration::from_secs(30), now);
/// assert_eq!(caller.time_left(now), Duration::from_secs(30));
/// ```
#[derive(Debug, Default)]
pub struct Caller {
    /// A time of the monotonic clock.
    deadline: Option<Duration>,
    pub(crate) may_leave: bool,
    pub(crate) never_waits: bool,
    pub(crate) min_remaining: Duration,
    pub(crate) refresh: bool,
    /// The acquisition from which on a token is new to this caller; `None` before the first poll.
    pub(crate) joined: Option<u64>,
    /// When its first poll was.
    pub(crate) began: Option<Time>,
    /// The acquisition that this caller waits for: its token is also for this caller if it is not cached.
    pub(crate) waits_for: Option<u64>,
    /// The number of failures when this caller began.
    pub(crate) failures_seen: u64,
}

impl Caller {
    /// Returns a caller that has all the time and stays until it has an outcome.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the caller this much time from now on.
    #[must_use]
    pub fn max_wait(mut self, max_wait: Duration, now: Moment) -> Self {
        self.deadline = Some(now.monotonic.saturating_add(max_wait));
        self
    }

    /// Says that the caller may be cancelled, as every future may: an acquisition is then made in the background.
    #[must_use]
    pub fn that_may_leave(mut self) -> Self {
        self.may_leave = true;
        self
    }

    /// Says that the caller takes what is cached and waits for nothing: it runs no acquisition, and starts one in the
    /// background if it is due.
    ///
    /// If acquisitions are lost in the background, such a caller starts the next one there too, a second after callers
    /// that wait may have run it themselves. So a program in which every caller only looks gets a token again once its
    /// runtime runs.
    #[must_use]
    pub fn that_never_waits(mut self) -> Self {
        (self.may_leave, self.never_waits) = (true, true);
        self.deadline = Some(Duration::ZERO);
        self
    }

    /// Asks for a token that is valid at least this much longer. If the server's lifetimes are shorter, a token that
    /// was requested after the call began will do.
    #[must_use]
    pub fn min_remaining(mut self, min_remaining: Duration) -> Self {
        self.min_remaining = min_remaining;
        self
    }

    /// Asks for a new token, whatever is cached and whatever backoff is in force.
    #[must_use]
    pub fn refresh(mut self) -> Self {
        self.refresh = true;
        self
    }

    /// Returns whether this caller takes each valid token, as most do.
    pub fn takes_any_token(&self) -> bool {
        !self.refresh && self.min_remaining.is_zero()
    }

    /// Returns how much time is left.
    pub fn time_left(&self, now: Moment) -> Duration {
        match self.deadline {
            Some(deadline) => deadline.saturating_sub(now.monotonic),
            None => Duration::MAX,
        }
    }
}
