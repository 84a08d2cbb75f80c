//! Reads `Retry-After` and the rate and quota headers.

pub(crate) mod retry_after;

use std::time::Duration;

use http::{HeaderMap, HeaderValue};

use crate::printable::printable;
use crate::rate_limits::retry_after::RetryAfter;

/// The rate and quota headers of a response, and its `Retry-After`.
///
/// Error responses and successes have them alike. Reading them cannot fail: a header that is not understood is left
/// out.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::RateLimits;
///
/// let response = http::Response::builder()
///     .header("auth0-client-quota-limit", "b=per_hour;q=10;r=0;t=3540")
///     .body(())
///     .unwrap();
/// let limits = RateLimits::read(response.headers());
/// assert_eq!(limits.client_quotas[0].bucket, "per_hour");
/// assert_eq!(limits.earliest().unwrap().wait(Duration::ZERO), Duration::from_secs(3540));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimits {
    /// `Retry-After` (RFC 9110 §10.2.3), in either form.
    pub retry_after: Option<RetryAfter>,
    /// `x-ratelimit-limit`, `x-ratelimit-remaining` and `x-ratelimit-reset`.
    pub rate: Option<RateLimit>,
    /// `Auth0-Client-Quota-Limit`, a bucket each.
    pub client_quotas: Vec<Quota>,
    /// `Auth0-Organization-Quota-Limit`, a bucket each.
    pub organization_quotas: Vec<Quota>,
}

impl RateLimits {
    /// Reads them from the headers of any response.
    pub fn read(headers: &HeaderMap) -> Self {
        let [mut date, mut retry_after] = [Single::Absent; 2];
        let [mut limit, mut remaining, mut reset] = [Single::Absent; 3];
        let mut limits = Self::default();
        for (name, value) in headers {
            match name.as_str() {
                "date" => date.add(value),
                "retry-after" => retry_after.add(value),
                "x-ratelimit-limit" => limit.add(value),
                "x-ratelimit-remaining" => remaining.add(value),
                "x-ratelimit-reset" => reset.add(value),
                "auth0-client-quota-limit" => add_quotas(&mut limits.client_quotas, value),
                "auth0-organization-quota-limit" => {
                    add_quotas(&mut limits.organization_quotas, value);
                }
                _ => {}
            }
        }
        let is_absent = |header| matches!(header, Single::Absent);
        if [retry_after, limit, remaining, reset]
            .into_iter()
            .all(is_absent)
        {
            return limits;
        }
        let date = || date.text().and_then(http_date);
        let read = |value| match whole(value) {
            Some(seconds) => RetryAfter::after(Duration::from_secs(seconds)),
            None => RetryAfter::at(http_date(value)?, date()),
        };
        limits.retry_after = retry_after.text().and_then(read);
        let rate = RateLimit {
            limit: limit.text().and_then(whole),
            remaining: remaining.text().and_then(whole),
            reset: reset
                .text()
                .and_then(whole)
                .and_then(|time| RetryAfter::at(unix_time(time), date())),
        };
        limits.rate = (rate != RateLimit::default()).then_some(rate);
        limits
    }

    /// Returns whether a rate or a quota is known.
    pub(crate) fn has_quota(&self) -> bool {
        self.rate.is_some() || self.quotas().next().is_some()
    }

    /// Renames each bucket whose name no server is known to use. The server writes the name, and may write a secret.
    pub(crate) fn with_known_buckets(mut self) -> Self {
        let quotas = self.client_quotas.iter_mut();
        for quota in quotas.chain(&mut self.organization_quotas) {
            if !KNOWN_BUCKETS.contains(&quota.bucket.as_str()) {
                quota.bucket = OTHER_BUCKET.to_owned();
            }
        }
        self
    }

    fn quotas(&self) -> impl Iterator<Item = &Quota> {
        self.client_quotas.iter().chain(&self.organization_quotas)
    }

    /// Returns the earliest time of the next request: the latest of `Retry-After` and of the resets of the limits that
    /// are used up. `None` if no header says to wait.
    pub fn earliest(&self) -> Option<RetryAfter> {
        if !self.has_quota() {
            return self.retry_after;
        }
        let rate = self
            .rate
            .filter(|rate| rate.remaining == Some(0))
            .and_then(|rate| rate.reset);
        self.quotas()
            .filter(|quota| quota.remaining == Some(0))
            .filter_map(|quota| quota.reset.and_then(RetryAfter::after))
            .chain(self.retry_after)
            .chain(rate)
            .reduce(RetryAfter::later)
    }
}

/// The `x-ratelimit-*` headers.
///
/// ```
/// use edge_oauth_no_io::RateLimits;
///
/// let response = http::Response::builder().header("x-ratelimit-limit", "10").header("x-ratelimit-remaining", "3").body(())?;
/// let rate = RateLimits::read(response.headers()).rate.expect("there is such a header");
/// assert_eq!((rate.limit, rate.remaining, rate.reset), (Some(10), Some(3), None));
/// # Ok::<_, http::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests allowed in a window.
    pub limit: Option<u64>,
    /// Requests left in this window.
    pub remaining: Option<u64>,
    /// When the next window opens.
    pub reset: Option<RetryAfter>,
}

/// One bucket of a quota header, such as `b=per_hour;q=10;r=7;t=3540`.
///
/// ```
/// use edge_oauth_no_io::RateLimits;
///
/// let quotas = "b=per_hour;q=10;r=7;t=3540,b=per_day;q=100;r=97;t=80000";
/// let response = http::Response::builder().header("auth0-client-quota-limit", quotas).body(())?;
/// let quotas = RateLimits::read(response.headers()).client_quotas;
/// assert_eq!((quotas[1].bucket.as_str(), quotas[1].remaining), ("per_day", Some(97)));
/// # Ok::<_, http::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// The bucket's name (`b`), printable and cut.
    pub bucket: String,
    /// Tokens allowed in the bucket's time (`q`).
    pub quota: Option<u64>,
    /// Tokens left (`r`).
    pub remaining: Option<u64>,
    /// Time to the reset (`t`).
    pub reset: Option<Duration>,
}

/// A header that may occur once. If there are two, neither is believed.
#[derive(Clone, Copy)]
enum Single<'a> {
    Absent,
    Once(&'a HeaderValue),
    Repeated,
}

impl<'a> Single<'a> {
    fn add(&mut self, value: &'a HeaderValue) {
        *self = match self {
            Self::Absent => Self::Once(value),
            Self::Once(_) | Self::Repeated => Self::Repeated,
        };
    }

    fn text(self) -> Option<&'a str> {
        match self {
            Self::Once(value) => value.to_str().ok().map(str::trim),
            Self::Absent | Self::Repeated => None,
        }
    }
}

/// RFC 9110 §10.2.3: delay-seconds is digits and nothing else. More digits than a `u64` holds is a
/// very long delay, not a malformed one.
fn whole(value: &str) -> Option<u64> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| value.parse().unwrap_or(u64::MAX))
}

/// Reads a time since the Unix epoch in seconds. A number of more digits than seconds need is in milliseconds,
/// microseconds or nanoseconds, as some services send.
fn unix_time(time: u64) -> Duration {
    match time {
        ..SECONDS => Duration::from_secs(time),
        SECONDS..MILLISECONDS => Duration::from_millis(time),
        MILLISECONDS..MICROSECONDS => Duration::from_micros(time),
        MICROSECONDS.. => Duration::from_nanos(time),
    }
}

fn http_date(value: &str) -> Option<Duration> {
    httpdate::parse_http_date(value)
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
}

fn add_quotas(quotas: &mut Vec<Quota>, value: &HeaderValue) {
    let room = MOST_BUCKETS.saturating_sub(quotas.len());
    let items = value
        .to_str()
        .into_iter()
        .flat_map(|value| value.split(','));
    quotas.extend(items.filter_map(quota).take(room));
}

fn quota(text: &str) -> Option<Quota> {
    let item = |key| {
        let items = text.split(';').filter_map(|item| item.split_once('='));
        items
            .map(|(name, value)| (name.trim(), value.trim()))
            .find(|(name, _)| *name == key)
    };
    let number = |key| item(key).and_then(|(_, value)| whole(value));
    Some(Quota {
        bucket: printable(item("b")?.1, BUCKET_NAME),
        quota: number("q"),
        remaining: number("r"),
        reset: number("t").map(Duration::from_secs),
    })
}

/// The first numbers that are too large for a time in this unit: that of the year 5138.
const SECONDS: u64 = 100_000_000_000;
const MILLISECONDS: u64 = 1000 * SECONDS;
const MICROSECONDS: u64 = 1000 * MILLISECONDS;

const KNOWN_BUCKETS: [&str; 5] = [
    "per_second",
    "per_minute",
    "per_hour",
    "per_day",
    "per_month",
];
const OTHER_BUCKET: &str = "other";
const MOST_BUCKETS: usize = 8;
const BUCKET_NAME: usize = 32;
