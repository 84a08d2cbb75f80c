//! The remaining tokens of a client in an hour or a day.

use std::time::Duration;

use http::HeaderValue;

use crate::oauth::rate_window::RateWindow;
use crate::options::quota::Quota;

/// The remaining quotas of one client.
#[derive(Debug)]
pub(crate) struct QuotaUsage {
    buckets: Vec<(&'static str, RateWindow)>,
}

impl Quota {
    fn bucket(self) -> (&'static str, RateWindow) {
        match self {
            Self::PerHour(tokens) => ("per_hour", RateWindow::new(tokens, HOUR)),
            Self::PerDay(tokens) => ("per_day", RateWindow::new(tokens, 24 * HOUR)),
        }
    }
}

impl QuotaUsage {
    pub(crate) fn new(quotas: &[Quota]) -> Self {
        Self {
            buckets: quotas.iter().map(|quota| quota.bucket()).collect(),
        }
    }

    /// Takes a token from every bucket. If one of them is empty, takes none and returns the number of seconds until
    /// it refills.
    pub(crate) fn try_take(&mut self, now: Duration) -> Result<(), u64> {
        for (_, window) in &mut self.buckets {
            window.roll(now);
        }
        let empty = self.buckets.iter().filter(|(_, w)| w.remaining() == 0);
        if let Some(wait) = empty.map(|(_, window)| window.resets_in(now)).max() {
            return Err(wait);
        }
        for (_, window) in &mut self.buckets {
            window.try_take(now);
        }
        Ok(())
    }

    /// Returns the value of the quota header, or `None` without a quota.
    pub(crate) fn header(&mut self, now: Duration) -> Option<HeaderValue> {
        let buckets: Vec<_> = self
            .buckets
            .iter_mut()
            .map(|(name, window)| {
                window.roll(now);
                let (limit, left) = (window.limit(), window.remaining());
                format!("b={name};q={limit};r={left};t={}", window.resets_in(now))
            })
            .collect();
        if buckets.is_empty() {
            return None;
        }
        HeaderValue::try_from(buckets.join(",")).ok()
    }
}

const HOUR: Duration = Duration::from_secs(60 * 60);
