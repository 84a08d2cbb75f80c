//! The policies and configurations of the model's keeper.

use std::time::Duration;

use edge_oauth_no_io::{Config, Policy, Secret};

/// A policy: the default, or the least or the greatest value of everything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PolicyKind {
    Default,
    Least,
    Greatest,
}

impl PolicyKind {
    pub(super) fn from_number(number: u64) -> Self {
        match number % 3 {
            1 => Self::Least,
            2 => Self::Greatest,
            _ => Self::Default,
        }
    }

    pub(super) fn policy(self) -> Policy {
        let all = |time, percent| {
            Policy::default()
                .expiry_margin(time)
                .refresh_between(percent)
                .default_lifetime(time)
                .timeout(time)
                .backoff(time, time)
                .permanent_backoff(time, time)
        };
        match self {
            Self::Default => Policy::default(),
            Self::Least => all(Duration::ZERO, 0..=0),
            Self::Greatest => all(Duration::MAX, 255..=255),
        }
    }

    pub(super) fn margin(self, lifetime: Duration) -> Duration {
        match self {
            Self::Default => Duration::from_secs(30).min(lifetime / 10),
            Self::Least => Duration::ZERO,
            Self::Greatest => lifetime / 10,
        }
    }

    pub(super) fn timeout(self) -> Duration {
        match self {
            Self::Default => Duration::from_secs(10),
            Self::Least => Duration::from_millis(10),
            Self::Greatest => Duration::from_secs(600),
        }
    }

    pub(super) fn default_lifetime(self) -> u64 {
        match self {
            Self::Default => 300,
            Self::Least => 1,
            Self::Greatest => MAX_LIFETIME.as_secs(),
        }
    }

    /// Returns the age before which a refresh is too early: short of 80 %, by as much as an outage and the margin need of
    /// a short lifetime. `ends_a_gap` is true for the first token after a start or an outage.
    pub(super) fn earliest_refresh(self, lifetime: Duration, ends_a_gap: bool) -> Duration {
        match self {
            Self::Default if ends_a_gap => lifetime * 2 / 5,
            Self::Default => lifetime * 3 / 4,
            Self::Least | Self::Greatest => Duration::ZERO,
        }
    }
}

/// Returns one of four configurations: the lowest bit of `version` is in the secret, the next in the audience.
pub(super) fn config(version: u64) -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new(secret(version)))
        .audience(audience(version))
        .build()
        .unwrap()
}

pub(super) fn secret(version: u64) -> String {
    format!("s3cret{}", version % 2)
}

pub(super) fn audience(version: u64) -> String {
    format!("https://api{}.example", version / 2)
}

pub(super) const MAX_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
pub(super) const MIN_INTERVAL: Duration = Duration::from_secs(1);
pub(super) const MIN_BACKOFF: Duration = Duration::from_millis(50);
