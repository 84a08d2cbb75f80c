//! A number of requests in a time window, after which the count restarts.

use std::time::Duration;

/// A fixed window, which begins with its first use.
#[derive(Clone, Debug)]
pub(crate) struct RateWindow {
    limit: u64,
    length: Duration,
    used: u64,
    ends: Duration,
}

impl RateWindow {
    pub(crate) fn new(limit: u64, length: Duration) -> Self {
        Self {
            limit,
            length,
            used: 0,
            ends: Duration::ZERO,
        }
    }

    /// Restarts the count if the window has ended. The counts below are for the latest `now`.
    pub(crate) fn roll(&mut self, now: Duration) {
        if now >= self.ends {
            self.used = 0;
            self.ends = now.saturating_add(self.length);
        }
    }

    /// Takes one request from the window, and returns whether there was one left.
    pub(crate) fn try_take(&mut self, now: Duration) -> bool {
        self.roll(now);
        let has_room = self.remaining() > 0;
        if has_room {
            self.used += 1;
        }
        has_room
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    pub(crate) fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }

    /// Returns the end in seconds since the Unix epoch, rounded up.
    pub(crate) fn resets_at(&self) -> u64 {
        whole_seconds(self.ends)
    }

    /// Returns the seconds from `now` to the end, rounded up.
    pub(crate) fn resets_in(&self, now: Duration) -> u64 {
        whole_seconds(self.ends.saturating_sub(now))
    }
}

fn whole_seconds(duration: Duration) -> u64 {
    let begun = u64::from(duration.subsec_nanos() > 0);
    duration.as_secs().saturating_add(begun)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_rounded_up() {
        let mut window = RateWindow::new(1, Duration::from_millis(1500));
        let now = Duration::from_secs(100);
        assert!(window.try_take(now));
        assert!(!window.try_take(now));
        assert_eq!(window.resets_at(), 102);
        assert_eq!(window.resets_in(now), 2);
        assert!(window.try_take(Duration::from_millis(101_500)));
    }

    #[test]
    fn a_clock_that_steps_back_opens_no_new_window() {
        let mut window = RateWindow::new(1, Duration::from_secs(10));
        assert!(window.try_take(Duration::from_secs(100)));
        assert!(!window.try_take(Duration::from_secs(50)));
        assert!(window.try_take(Duration::from_secs(110)));
    }
}
