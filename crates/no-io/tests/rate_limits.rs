//! Times to wait that servers name in headers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use edge_oauth_no_io::RateLimits;
use http::{HeaderMap, HeaderName};

fn headers(headers: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
    pairs.collect()
}

/// Returns the wait that these headers ask for at the wall time 1,000,000,000 s.
fn wait(pairs: &[(&'static str, &str)]) -> Option<u64> {
    let retry_after = RateLimits::read(&headers(pairs)).earliest()?;
    Some(
        retry_after
            .wait(Duration::from_secs(1_000_000_000))
            .as_secs(),
    )
}

// fault: reset-in-another-unit
#[test]
fn reset_in_milliseconds_is_a_reset() {
    let used_up = ("x-ratelimit-remaining", "0");
    for reset in [
        "1000000060",
        "1000000060000",
        "1000000060000000",
        "1000000060000000000",
    ] {
        assert_eq!(
            wait(&[used_up, ("x-ratelimit-reset", reset)]),
            Some(60),
            "{reset}"
        );
    }
}

// fault: retry-after-beyond-a-day
#[test]
fn reset_beyond_a_day_is_ignored() {
    let used_up = ("x-ratelimit-remaining", "0");
    let date = ("date", "Sun, 09 Sep 2001 01:46:40 GMT");
    for reset in ["1000086401", "99999999999", "18446744073709551615"] {
        let reset = ("x-ratelimit-reset", reset);
        assert_eq!(wait(&[used_up, reset, date]), None, "{reset:?}");
        assert_eq!(wait(&[used_up, reset]), Some(0), "{reset:?}");
        assert_eq!(
            wait(&[used_up, reset, ("retry-after", "7")]),
            Some(7),
            "{reset:?}"
        );
        let sane = ("retry-after", "Sun, 09 Sep 2001 01:47:10 GMT");
        assert_eq!(wait(&[used_up, reset, sane]), Some(30), "{reset:?}");
    }
    assert_eq!(
        wait(&[(
            "auth0-client-quota-limit",
            "b=per_month;r=0;t=2000000,b=x;r=0;t=5"
        )]),
        Some(5)
    );
}

// fault: client-clock-of-1970
#[test]
fn date_by_a_clock_of_1970_is_ignored() {
    let headers = headers(&[("retry-after", "Sun, 09 Sep 2001 01:47:10 GMT")]);
    let retry_after = RateLimits::read(&headers).earliest().unwrap();
    for clock in [0, 86_400, 300_000_000, 1_000_000_031] {
        assert_eq!(retry_after.wait(Duration::from_secs(clock)), Duration::ZERO);
    }
}
