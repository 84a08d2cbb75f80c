//! One measure of time out of two clocks.

use std::time::Duration;

use crate::clock::Moment;

/// A point in lived time, in nanoseconds. It may lie before the process began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(i128);

/// The monotonic clock plus the time that it missed.
///
/// The monotonic clock stands still while a machine sleeps; the wall clock does not, and may be set. The difference
/// between them tells: if it grows, the machine slept (or the clock was set forward, which looks the same and is
/// treated the same). If it falls, the clock was set back, and the next sleep is measured from there. So a step of the
/// wall clock never hides a sleep that an earlier or a later call has seen.
///
/// | wall minus monotonic, against the greatest seen | effect |
/// |---|---|
/// | greater | lived time grows by the difference |
/// | smaller by up to 100 ms | nothing: two clocks are not read at one instant |
/// | smaller by more | the clock was set back: sleeps are measured from here |
///
/// A set-back and a sleep between two calls cannot be told from neither, with these two clocks. A runtime whose
/// monotonic clock counts suspend does not depend on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeline {
    /// The greatest difference of the clocks since the last set-back; `None` before the first reading.
    greatest: Option<i128>,
    slept: i128,
}

impl Timeline {
    pub(crate) fn new() -> Self {
        Self {
            greatest: None,
            slept: 0,
        }
    }

    /// Takes a reading of both clocks and returns the lived time.
    pub(crate) fn observe(&mut self, now: Moment) -> Time {
        let difference = difference(now);
        let greatest = *self.greatest.get_or_insert(difference);
        if difference > greatest {
            self.slept += difference - greatest;
            self.greatest = Some(difference);
        } else if difference < greatest - SKEW {
            self.greatest = Some(difference);
        }
        Time(nanos(now.monotonic) + self.slept)
    }

    /// Returns the readings of the clocks of which either means that `time` has come, as long as no clock is set back.
    pub(crate) fn moment(&self, time: Time) -> Moment {
        let monotonic = time.0 - self.slept;
        Moment {
            monotonic: duration(monotonic),
            wall: duration(monotonic + self.greatest.unwrap_or(0)),
        }
    }

    /// Returns by how much at least the wall clock is ahead of the monotonic one, and by how much the monotonic one is
    /// ahead of the wall clock; one of them is zero. A reading below that means that a clock was set back.
    pub(crate) fn least_lead(&self) -> (Duration, Duration) {
        let least = self.greatest.map_or(i128::MIN, |greatest| greatest - SKEW);
        (duration(least), duration(least.saturating_neg()))
    }
}

impl Time {
    pub(crate) fn after(self, by: Duration) -> Self {
        Self(self.0 + nanos(by))
    }

    pub(crate) fn before(self, by: Duration) -> Self {
        Self(self.0 - nanos(by))
    }

    /// Returns the time since an earlier point, or zero if it is not earlier.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        duration(self.0 - earlier.0)
    }
}

fn difference(now: Moment) -> i128 {
    nanos(now.wall) - nanos(now.monotonic)
}

fn nanos(duration: Duration) -> i128 {
    // At most 1.9e28, far from the ends of an `i128`.
    i128::from(duration.as_secs()) * NANOS + i128::from(duration.subsec_nanos())
}

/// Returns the duration, zero if it is negative.
fn duration(nanos: i128) -> Duration {
    let nanos = nanos.max(0);
    match u64::try_from(nanos / NANOS) {
        Ok(seconds) => Duration::new(seconds, u32::try_from(nanos % NANOS).unwrap_or(0)),
        Err(_) => Duration::MAX,
    }
}

const NANOS: i128 = 1_000_000_000;

/// The distance of two readings of the clocks that is no set-back yet.
pub(crate) const SKEW: i128 = 100_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const START: Moment = Moment {
        monotonic: Duration::from_secs(100),
        wall: Duration::from_secs(1_800_000_000),
    };

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn lived(moves: &[fn(&mut Moment)]) -> Duration {
        let (mut timeline, mut now) = (Timeline::new(), START);
        let start = timeline.observe(now);
        let mut time = start;
        for step in moves {
            step(&mut now);
            time = timeline.observe(now);
        }
        time.since(start)
    }

    fn sleep(now: &mut Moment) {
        now.wall += seconds(1800);
    }

    fn set_back(now: &mut Moment) {
        now.wall -= seconds(3600);
    }

    fn pass(now: &mut Moment) {
        *now = now.after(seconds(60));
    }

    #[test]
    fn sleep_counts_before_and_after_a_set_back() {
        assert_eq!(lived(&[pass, set_back, sleep]), seconds(1860));
        assert_eq!(lived(&[sleep, set_back, pass]), seconds(1860));
        assert_eq!(lived(&[set_back, sleep, set_back, sleep]), seconds(3600));
        assert_eq!(lived(&[set_back, pass]), seconds(60));
    }

    #[test]
    fn readings_that_are_a_little_apart_are_no_sleep() {
        let back: fn(&mut Moment) = |now| now.wall -= Duration::from_millis(100);
        let forth: fn(&mut Moment) = |now| now.wall += Duration::from_millis(100);
        assert_eq!(lived(&[back, forth, back, forth]), Duration::ZERO);
    }

    #[test]
    fn clocks_at_their_ends_do_not_overflow() {
        let end = Moment {
            monotonic: Duration::MAX,
            wall: Duration::ZERO,
        };
        let mut timeline = Timeline::new();
        let time = timeline.observe(end).after(Duration::MAX);
        assert_eq!(timeline.moment(time).monotonic, Duration::MAX);
        assert_eq!(timeline.least_lead().0, Duration::ZERO);
        timeline.observe(Moment {
            monotonic: Duration::ZERO,
            wall: Duration::MAX,
        });
    }
}
