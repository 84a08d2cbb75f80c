//! Times for people.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Returns the time of this machine's clock, since the Unix epoch.
pub(crate) fn now() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default()
}

/// Returns `at` in RFC 3339, UTC. Returns `None` after the year 9999, the last one in RFC 3339.
pub(crate) fn utc(at: Duration) -> Option<String> {
    let at = Duration::from_secs(at.as_secs());
    (at < YEAR_10000).then(|| humantime::format_rfc3339_seconds(UNIX_EPOCH + at).to_string())
}

/// Returns the distance from now: `in 14m 3s`, `3h ago`, `now`.
pub(crate) fn relative(at: Duration, now: Duration) -> String {
    match (at.as_secs(), now.as_secs()) {
        (at, now) if at == now => "now".to_owned(),
        (at, now) if at > now => format!("in {}", span(Duration::from_secs(at - now))),
        (at, now) => format!("{} ago", span(Duration::from_secs(now - at))),
    }
}

/// Returns the time and its distance from now.
pub(crate) fn readable(at: Duration, now: Duration) -> String {
    match utc(at) {
        Some(utc) => format!("{utc}, {}", relative(at, now)),
        None => relative(at, now),
    }
}

/// Parses the date of an HTTP header (RFC 9110 §5.6.7), since the Unix epoch.
pub(crate) fn http_date(date: &str) -> Option<Duration> {
    let date = httpdate::parse_http_date(date.trim()).ok()?;
    date.duration_since(UNIX_EPOCH).ok()
}

/// Returns a duration in its two largest units, to the second.
pub(crate) fn span(length: Duration) -> String {
    let mut left = length.as_secs();
    let mut parts = Vec::new();
    for (unit, seconds) in [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)] {
        if left >= seconds && parts.len() < 2 {
            parts.push(format!("{}{unit}", left / seconds));
        } else if !parts.is_empty() {
            break;
        }
        left %= seconds;
    }
    match parts.is_empty() {
        true => "0s".to_owned(),
        false => parts.join(" "),
    }
}

const YEAR_10000: Duration = Duration::from_secs(253_402_300_800);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units_at_most() {
        let spans = [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (843, "14m 3s"),
            (3600, "1h"),
            (3601, "1h"),
            (86_400, "1d"),
            (90_061, "1d 1h"),
        ];
        for (seconds, text) in spans {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
        assert!(span(Duration::MAX).ends_with('h'));
    }

    #[test]
    fn times_are_before_now_or_after() {
        let at = |seconds| Duration::from_secs(seconds);
        assert_eq!(relative(at(100), at(40)), "in 1m");
        assert_eq!(relative(at(40), at(100)), "1m ago");
        assert_eq!(relative(Duration::from_millis(40_900), at(40)), "now");
        assert_eq!(readable(at(0), at(60)), "1970-01-01T00:00:00Z, 1m ago");
        assert_eq!(utc(Duration::MAX), None);
    }
}
