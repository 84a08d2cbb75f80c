//! Exponential backoff.

use std::time::Duration;

use crate::rate_limits::retry_after::MAX_WAIT;

/// A bound that doubles with each failure, up to a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    pub(crate) initial: Duration,
    pub(crate) max: Duration,
}

impl Backoff {
    pub(crate) fn new(initial: Duration, max: Duration, least: Duration) -> Self {
        let initial = initial.clamp(least, MAX_WAIT);
        Self {
            initial,
            max: max.clamp(initial, MAX_WAIT),
        }
    }

    /// Returns the bound after the `n`th failure in a row, counted from 1.
    pub(crate) fn after(self, n: u32) -> Duration {
        let factor = 2_u32.saturating_pow(n.saturating_sub(1));
        self.initial.saturating_mul(factor).min(self.max)
    }
}
