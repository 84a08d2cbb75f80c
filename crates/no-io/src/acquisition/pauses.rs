//! The pauses between two claims.

use std::time::Duration;

/// Pauses that double, each with jitter.
#[derive(Debug, Default)]
pub(super) struct Pauses(u32);

impl Pauses {
    /// Returns the next pause, for a lease that has this much left. `random` is any number.
    pub(super) fn next(&mut self, lease_left: Duration, random: u64) -> Duration {
        let bound = (MIN_PAUSE * (1 << self.0.min(5))).min(MAX_PAUSE);
        self.0 += 1;
        let half = bound / 2;
        let random = u64::try_from(half.as_nanos()).map_or(0, |half| random % half.max(1));
        let pause = half + Duration::from_nanos(random);
        pause.min(lease_left.saturating_add(MIN_PAUSE))
    }
}

const MIN_PAUSE: Duration = Duration::from_millis(10);
const MAX_PAUSE: Duration = Duration::from_millis(250);
