//! The time series of a source, and what each event adds to them.

use std::sync::Arc;
use std::time::Duration;

use edge_oauth_no_io::{CacheKey, Config, Culprit, Event, Quota, RateLimits};
use metrics::{Label, counter, gauge, histogram};

use crate::meters::table::{
    AGE_AT_USE, BACKOFF, EXPIRY, FAILURES, LIFETIME, LOST, QUOTA, REJECTED, REQUEST_DURATION,
    REQUESTS, RETRIES, STORE_ERRORS, STORE_HITS, WAITING,
};
use crate::outcome::{self, PERMANENT_ERROR, TOKEN, TRANSIENT_ERROR};

/// The time series of one cache key.
pub(super) struct Series {
    pub(super) key: CacheKey,
    /// `host`, `client_id` and `cache_key`, as in the log. A clone copies no text.
    pub(super) labels: Vec<Label>,
}

impl Series {
    pub(super) fn new(config: &Config) -> Self {
        let host = config.endpoint().host().unwrap_or_default();
        let fingerprint = config.cache_key().fingerprint().to_string();
        Self {
            key: config.cache_key().clone(),
            labels: vec![
                Label::new("host", Arc::<str>::from(host)),
                Label::new("client_id", Arc::<str>::from(config.client_id())),
                Label::new("cache_key", Arc::<str>::from(fingerprint)),
            ],
        }
    }

    /// Starts each counter at zero, since Prometheus sees no increase in a counter that begins at one.
    pub(super) fn start(&self) {
        self.add_request(TOKEN, "none", 0);
        for culprit in [Culprit::Config, Culprit::Server, Culprit::Network] {
            for outcome in [TRANSIENT_ERROR, PERMANENT_ERROR] {
                self.add_request(outcome, culprit.as_str(), 0);
                for serving in [false, true] {
                    self.add_failure(outcome, culprit.as_str(), serving, 0);
                }
            }
        }
        for reason in LOST_REASONS {
            self.add(LOST, &[("reason", reason)], 0);
        }
        for name in [RETRIES, REJECTED, STORE_HITS, STORE_ERRORS] {
            self.add(name, &[], 0);
        }
        // Another source may count in the same series.
        for name in [WAITING, EXPIRY, LIFETIME] {
            gauge!(name, self.labels.clone()).increment(0);
        }
    }

    /// Says that there is no token.
    pub(super) fn end(&self) {
        self.set(EXPIRY, &[], 0.0);
        self.set(LIFETIME, &[], 0.0);
    }

    pub(super) fn record(&self, event: &Event) {
        let outcome = outcome::of_event(event).unwrap_or_default();
        match event {
            Event::Fetched {
                lifetime,
                took,
                cached,
                expiry,
                attempt,
                ..
            } => {
                self.record_request(outcome, "none", *took);
                self.record_attempt(*attempt);
                if *cached {
                    self.record_token(*lifetime, *expiry);
                }
            }
            Event::Failed {
                error,
                backoff,
                serving,
                took,
                attempt,
                ..
            } => {
                let culprit = error.culprit().as_str();
                if let Some(took) = took {
                    self.record_request(outcome, culprit, *took);
                }
                self.record_attempt(*attempt);
                self.add_failure(outcome, culprit, *serving, 1);
                self.observe(BACKOFF, &[], *backoff);
            }
            Event::Cancelled => self.add(LOST, &[("reason", LOST_REASONS[0])], 1),
            Event::Lapsed => self.add(LOST, &[("reason", LOST_REASONS[1])], 1),
            Event::RefreshStarted { age, .. } => {
                self.observe(AGE_AT_USE, &[("use", "refresh")], *age);
            }
            Event::Invalidated { age, .. } => {
                self.observe(AGE_AT_USE, &[("use", "rejected")], *age);
                self.add(REJECTED, &[], 1);
                self.end();
            }
            Event::Adopted {
                lifetime, expiry, ..
            } => {
                self.add(STORE_HITS, &[], 1);
                self.record_token(*lifetime, *expiry);
            }
            Event::Restored {
                lifetime, expiry, ..
            } => self.record_token(*lifetime, *expiry),
            Event::StoreFailed { .. } => self.add(STORE_ERRORS, &[], 1),
            Event::Quota { limits, .. } => self.record_quota(limits),
            _ => {}
        }
    }

    fn record_request(&self, outcome: &'static str, culprit: &'static str, took: Duration) {
        self.add_request(outcome, culprit, 1);
        self.observe(REQUEST_DURATION, &[("outcome", outcome)], took);
    }

    fn record_attempt(&self, attempt: u32) {
        if attempt > 1 {
            self.add(RETRIES, &[], 1);
        }
    }

    fn record_token(&self, lifetime: Duration, expiry: Duration) {
        self.set(EXPIRY, &[], expiry.as_secs_f64());
        self.set(LIFETIME, &[], lifetime.as_secs_f64());
    }

    fn record_quota(&self, limits: &RateLimits) {
        let rate = limits.rate.and_then(|rate| rate.remaining);
        if let Some(remaining) = rate {
            self.set_quota("rate", "none", remaining);
        }
        let quotas = [
            ("client", &limits.client_quotas),
            ("organization", &limits.organization_quotas),
        ];
        for (of, quotas) in quotas {
            // The core gives each bucket with an unknown name one name: the least of them counts.
            for bucket in BUCKETS {
                let of_bucket = |quota: &&Quota| quota.bucket == bucket;
                let left = quotas.iter().filter(of_bucket);
                if let Some(remaining) = left.filter_map(|quota| quota.remaining).min() {
                    self.set_quota(of, bucket, remaining);
                }
            }
        }
    }

    fn add_request(&self, outcome: &'static str, culprit: &'static str, count: u64) {
        let own = [("outcome", outcome), ("culprit", culprit)];
        self.add(REQUESTS, &own, count);
    }

    fn add_failure(&self, outcome: &'static str, culprit: &'static str, serving: bool, count: u64) {
        let serving = match serving {
            true => "true",
            false => "false",
        };
        let own = [
            ("outcome", outcome),
            ("culprit", culprit),
            ("serving", serving),
        ];
        self.add(FAILURES, &own, count);
    }

    fn set_quota(&self, quota: &'static str, bucket: &'static str, remaining: u64) {
        self.set(
            QUOTA,
            &[("quota", quota), ("bucket", bucket)],
            remaining as f64,
        );
    }

    fn add(&self, name: &'static str, own: &[OwnLabel], count: u64) {
        counter!(name, self.with(own)).increment(count);
    }

    fn set(&self, name: &'static str, own: &[OwnLabel], value: f64) {
        gauge!(name, self.with(own)).set(value);
    }

    fn observe(&self, name: &'static str, own: &[OwnLabel], time: Duration) {
        histogram!(name, self.with(own)).record(time);
    }

    fn with(&self, own: &[OwnLabel]) -> Vec<Label> {
        let own = own.iter();
        let own = own.map(|(name, value)| Label::from_static_parts(name, value));
        self.labels.iter().cloned().chain(own).collect()
    }
}

/// A label and its value, both out of a fixed list: whatever a server writes becomes no label.
type OwnLabel = (&'static str, &'static str);

const LOST_REASONS: [&str; 2] = ["cancelled", "lapsed"];

/// The names that the core leaves to a bucket.
const BUCKETS: [&str; 6] = [
    "per_second",
    "per_minute",
    "per_hour",
    "per_day",
    "per_month",
    "other",
];
