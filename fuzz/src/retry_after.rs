//! No wait is longer than `MAX_WAIT`, whatever the headers are.

use std::time::Duration;

use edge_oauth_no_io::{MAX_WAIT, RateLimits};

use crate::message::Message;

// fault: retry-after-as-a-date, malformed-retry-after
/// Reads the bytes as the wall clock's time in seconds, and header lines.
pub fn retry_after(bytes: &[u8]) {
    let message = Message::read(bytes);
    let wall = Duration::from_secs(message.number.unwrap_or_default());
    let limits = RateLimits::read(&message.headers);

    let retry_after = limits.retry_after;
    let reset = limits.rate.and_then(|rate| rate.reset);
    for time in [retry_after, reset, limits.earliest()]
        .into_iter()
        .flatten()
    {
        let wait = time.wait(wall);
        assert!(wait <= MAX_WAIT, "P21: {wait:?}");
        let later = wall.saturating_add(Duration::from_secs(1));
        assert!(
            time.wait(later) <= wait || time.wait(later) == MAX_WAIT,
            "a wait that grows as time passes"
        );
    }
    if let Some(retry_after) = retry_after {
        let earliest = limits.earliest().expect("Retry-After is a wait");
        assert!(
            earliest.wait(wall) >= retry_after.wait(wall),
            "earlier than Retry-After"
        );
    }
    let is_single = message.headers.get_all("retry-after").iter().count() == 1;
    assert!(
        is_single || retry_after.is_none(),
        "P21: one of two values is used"
    );
    // With the server's own date the client's clock has no effect.
    if limits.retry_after.is_some() && has_whole_date(&message) {
        let now = limits.retry_after.map(|time| time.wait(wall));
        let other = limits.retry_after.map(|time| time.wait(Duration::ZERO));
        assert_eq!(now, other);
    }
}

fn has_whole_date(message: &Message<'_>) -> bool {
    let mut dates = message.headers.get_all("date").iter();
    let first = dates.next().and_then(|date| date.to_str().ok());
    first == Some(EXAMPLE_DATE) && dates.next().is_none()
}

/// The example date of RFC 9110 §5.6.7.
const EXAMPLE_DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
