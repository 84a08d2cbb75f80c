//! The times at which a job is looked at.

use std::time::Duration;

/// Decides when to look next, without a clock of its own. Times are of one monotonic clock.
#[derive(Debug)]
pub(super) struct Looks {
    /// The time between two looks, if the user chose it.
    interval: Option<Duration>,
    /// The time until the next look without a wish of the service.
    next: Duration,
    /// The end of the watch.
    end: Duration,
    failures: u32,
}

impl Looks {
    pub(super) fn new(interval: Option<Duration>, end: Duration) -> Self {
        Self {
            interval,
            next: FIRST,
            end,
            failures: 0,
        }
    }

    /// Returns the wait after a look that showed the job. `None` if the next look is past the end of the watch.
    pub(super) fn after_job(
        &mut self,
        retry_after: Option<Duration>,
        now: Duration,
    ) -> Option<Duration> {
        self.failures = 0;
        self.wait(retry_after, now)
    }

    /// Returns the wait after a look that failed for now. `None` if the failure is the end of the watch.
    pub(super) fn after_failure(
        &mut self,
        retry_after: Option<Duration>,
        now: Duration,
    ) -> Option<Duration> {
        self.failures += 1;
        (self.failures <= MAX_FAILURES).then(|| self.wait(retry_after, now))?
    }

    /// Returns whether the last look was the first one of its row to fail.
    pub(super) fn has_just_failed(&self) -> bool {
        self.failures == 1
    }

    fn wait(&mut self, retry_after: Option<Duration>, now: Duration) -> Option<Duration> {
        let own = self.interval.unwrap_or(self.next);
        self.next = (self.next * 5 / 4).min(LONGEST);
        let wait = retry_after.map_or(own, |asked| asked.max(own));
        (now.saturating_add(wait) < self.end).then_some(wait)
    }
}

const FIRST: Duration = Duration::from_secs(3);
const LONGEST: Duration = Duration::from_secs(15);

/// The number of looks in a row that may fail, if each failure may pass.
const MAX_FAILURES: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    const END: Duration = Duration::from_secs(1800);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn looks_begin_at_three_seconds_and_rise_to_fifteen() {
        let mut looks = Looks::new(None, END);
        let mut now = Duration::ZERO;
        let mut waits = Vec::new();
        while let Some(wait) = looks.after_job(None, now) {
            now += wait;
            waits.push(wait);
        }
        assert_eq!(waits[..2], [3000, 3750].map(Duration::from_millis));
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(waits.last(), Some(&LONGEST));
        assert!(now < END && now + LONGEST >= END, "{now:?}");
    }

    #[test]
    fn chosen_interval_stays() {
        let mut looks = Looks::new(Some(seconds(7)), END);
        for _ in 0..50 {
            assert_eq!(looks.after_job(None, Duration::ZERO), Some(seconds(7)));
        }
    }

    #[test]
    fn longer_wait_of_the_service_is_obeyed() {
        let mut looks = Looks::new(Some(seconds(2)), END);
        let mut after = |asked| looks.after_job(Some(seconds(asked)), Duration::ZERO);
        assert_eq!(after(60), Some(seconds(60)));
        assert_eq!(after(1), Some(seconds(2)));
        assert_eq!(after(1800), None, "it is past the end");
    }

    #[test]
    fn watch_survives_failures_that_are_not_too_many_in_a_row() {
        let mut looks = Looks::new(Some(seconds(1)), END);
        for _ in 0..3 {
            for failure in 0..5 {
                assert!(looks.after_failure(None, Duration::ZERO).is_some());
                assert_eq!(looks.has_just_failed(), failure == 0);
            }
            assert!(looks.after_job(None, Duration::ZERO).is_some());
        }
        for _ in 0..5 {
            assert!(looks.after_failure(None, Duration::ZERO).is_some());
        }
        assert_eq!(looks.after_failure(None, Duration::ZERO), None);
    }
}
