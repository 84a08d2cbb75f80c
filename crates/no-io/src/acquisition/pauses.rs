//! The pauses between two claims.

use std::time::Duration;

/// Pauses that double, each with jitter.
#[derive(Debug, Default)]
pub(super) struct Pauses(u32);

impl Pauses {
    /// Returns the next pause, for a lease that has this much left. `random` is any number.
    pub(super) fn next(&mut self, lease_left: Duration, random: u128) -> Duration {
        let bound = (MIN_PAUSE * (1 << self.0.min(5))).min(MAX_PAUSE);
        self.0 += 1;
        let half = bound / 2;
        let pause = half + Duration::from_nanos((random % half.as_nanos()) as u64);
        pause.min(lease_left.saturating_add(MIN_PAUSE))
    }
}

const MIN_PAUSE: Duration = Duration::from_millis(10);
const MAX_PAUSE: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_end_after_the_lease() {
        let mut pauses = Pauses::default();
        let long = Duration::from_secs(3);
        for (at_least, jitter) in [
            (5, 0),
            (10, 1),
            (20, 2),
            (40, 3),
            (80, 4),
            (125, 5),
            (125, 6),
        ] {
            let random = u128::MAX / (5_000_000 << 5) * (5_000_000 << 5) + jitter;
            let jitter = Duration::from_nanos(jitter as u64);
            let half = Duration::from_millis(at_least);
            assert_eq!(
                pauses.next(long, random).saturating_sub(half),
                match at_least {
                    125 => Duration::from_nanos((random % 125_000_000) as u64),
                    _ => jitter,
                }
            );
        }
        let bytes = [0xa5; 16];
        let spread: std::collections::HashSet<_> = (0..16)
            .map(|at| {
                let mut bytes = bytes;
                bytes[at] += 1;
                Pauses::default().next(long, u128::from_be_bytes(bytes))
            })
            .collect();
        assert_eq!(spread.len(), 16, "each byte counts");
        let left = Duration::from_millis(7);
        assert_eq!(pauses.next(left, 0), left + MIN_PAUSE);
    }
}
