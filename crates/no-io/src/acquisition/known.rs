//! The memory of a keeper that has a store.

use std::time::Duration;

use crate::timeline::Time;

/// The facts that a keeper remembers of its store from one acquisition to the next.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    /// The number of the newest entry that the keeper took or stored.
    pub(crate) number: u64,
    /// The newest error response that the keeper backed off after: its number, and when it is overdue.
    pub(crate) error: Option<(u64, Time)>,
    /// One instant by both clocks: ours, and the store's.
    pub(crate) clock: Option<(Time, Duration)>,
    /// The most that the latest holder took from its lease to its token, as far as the keeper knows.
    pub(crate) took: Option<Duration>,
}

impl Known {
    /// Returns how long an error response of this number is believed, and whether it is new to the keeper. The store says
    /// that this much is left of it.
    pub(crate) fn error_left(
        &self,
        number: u64,
        left: Duration,
        time: Time,
    ) -> Option<(Duration, bool)> {
        match self.error {
            // It comes from an old snapshot of the store.
            Some((known, _)) if number < known => None,
            // The store lies, or its clock stands.
            Some((known, overdue)) if number == known && time >= overdue => None,
            Some((known, overdue)) if number == known => {
                Some((left.min(overdue.since(time)), false))
            }
            _ => Some((left, true)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::timeline::Timeline;

    #[test]
    fn newer_error_counts_anew_and_an_older_one_not_at_all() {
        let now = Timeline::new().observe(Moment {
            monotonic: Duration::from_secs(1),
            wall: Duration::from_secs(1_800_000_000),
        });
        let overdue = now.after(Duration::from_secs(5));
        let known = Known {
            error: Some((7, overdue)),
            ..Known::default()
        };
        let left = Duration::from_secs(60);
        assert_eq!(known.error_left(8, left, now), Some((left, true)));
        let rest = Duration::from_secs(5);
        assert_eq!(known.error_left(7, left, now), Some((rest, false)));
        assert_eq!(known.error_left(7, left, overdue), None);
        assert_eq!(known.error_left(6, left, now), None);
        assert_eq!(
            Known::default().error_left(1, left, now),
            Some((left, true))
        );
    }
}
