//! The holders of the lease that an acquisition waits for.

use std::time::Duration;

use crate::timeline::Time;

/// The holders that were waited for so far.
#[derive(Debug, Default)]
pub(super) struct Holders {
    waited_for: Option<HeldLease>,
    /// The number of holders before that one that ended their lease and left nothing.
    ended: u32,
}

/// The lease of another process.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeldLease {
    pub(super) number: u64,
    /// The time from which it counts as a lease that never ends.
    pub(super) over: Time,
    /// The least number of a lease that follows it after it ran out: its end by the store's clock, in microseconds.
    pub(super) after_end: u64,
}

impl HeldLease {
    /// Returns how long its holder made the lease: its number is the time at which it was given, or later.
    pub(super) fn lasts(&self) -> Duration {
        Duration::from_micros(self.after_end.saturating_sub(self.number))
    }
}

impl Holders {
    /// Returns whether there was none.
    pub(super) fn is_empty(&self) -> bool {
        self.waited_for.is_none()
    }

    /// Returns whether to wait for the holder of this lease.
    pub(super) fn is_waited_for(&mut self, lease: HeldLease, time: Time) -> bool {
        let waited_for = self.waited_for.get_or_insert(lease);
        if lease.number != waited_for.number {
            // fault: fleet-follows-a-killed-holder
            let ran_out = lease.number >= waited_for.after_end;
            // fault: fleet-follows-a-stopped-holder
            if ran_out || self.ended < MAX_ENDED {
                *waited_for = lease;
                self.ended += u32::from(!ran_out);
            }
        }
        // No convoy: the holders that were waited for left nothing of use, so the next will not either.
        waited_for.number == lease.number && time < waited_for.over
    }
}

/// How many holders that left nothing are followed by a wait for the next one. A holder that was stopped finds its
/// request timed out, and a newcomer may overwrite an error response; but a server that is down fails them all.
const MAX_ENDED: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::timeline::Timeline;

    #[test]
    fn lease_is_waited_for_until_it_is_over() {
        let now = Timeline::new().observe(Moment {
            monotonic: Duration::from_secs(1),
            wall: Duration::from_secs(1_800_000_000),
        });
        let over = now.after(Duration::from_secs(4));
        let lease = HeldLease {
            number: 7,
            over,
            after_end: 9,
        };
        let mut holders = Holders::default();
        assert!(holders.is_empty());
        assert!(holders.is_waited_for(lease, now));
        assert!(!holders.is_empty());
        let last = now.after(Duration::from_secs(4) - Duration::from_nanos(1));
        assert!(holders.is_waited_for(lease, last));
        assert!(!holders.is_waited_for(lease, over));
    }

    #[test]
    fn lease_that_was_ended_is_followed_three_times() {
        let now = Timeline::new().observe(Moment {
            monotonic: Duration::from_secs(1),
            wall: Duration::from_secs(1_800_000_000),
        });
        let lease = |number| HeldLease {
            number,
            over: now.after(Duration::from_secs(4)),
            after_end: number + 100,
        };
        let mut holders = Holders::default();
        for number in 1..=4 {
            assert!(holders.is_waited_for(lease(number), now), "{number}");
        }
        assert!(!holders.is_waited_for(lease(5), now));
        // The fourth lease ran out at 104: its holder died.
        assert!(!holders.is_waited_for(lease(103), now));
        assert!(holders.is_waited_for(lease(104), now));
    }
}
