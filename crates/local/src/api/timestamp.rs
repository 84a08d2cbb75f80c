//! Points in time as the APIs write them.

use std::time::Duration;

/// Returns a time of RFC 3339 §5.6 with seven fractional digits. `at` counts from the Unix epoch.
pub(crate) fn rfc3339(at: Duration) -> String {
    let (year, month, day) = date(at.as_secs() / DAY);
    let second = at.as_secs() % DAY;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let fraction = at.subsec_nanos() / 100;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:07}Z")
}

/// Returns the date of this number of days after 1970-01-01, in the Gregorian calendar.
fn date(days: u64) -> (u64, u64, u64) {
    // Counted from 0000-03-01, a leap day is the last day of its year, of its four years and of its 400 years. So all
    // of these have the same length.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // From March on, five months have 153 days.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (after_new_year, month) = if month < 10 {
        (0, month + 3)
    } else {
        (1, month - 9)
    };
    (era * 400 + year + after_new_year, month, day)
}

const DAY: u64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn seven_digits_follow_the_second() {
        let at = |seconds, nanos| rfc3339(Duration::new(seconds, nanos));
        assert_eq!(at(0, 0), "1970-01-01T00:00:00.0000000Z");
        assert_eq!(
            at(1_709_210_096, 123_456_789),
            "2024-02-29T12:34:56.1234567Z"
        );
        assert_eq!(at(1_800_000_000, 99), "2027-01-15T08:00:00.0000000Z");
        assert_eq!(
            at(253_402_300_799, 999_999_999),
            "9999-12-31T23:59:59.9999999Z"
        );
    }

    #[test]
    fn every_week_until_9999_is_the_day_that_httpdate_says() {
        for week in 0..418_985 {
            let at = Duration::from_secs(week * 7 * DAY);
            let expected = httpdate::fmt_http_date(UNIX_EPOCH + at);
            let (year, month, day) = date(week * 7);
            let month = MONTHS[usize::try_from(month).unwrap() - 1];
            assert_eq!(
                expected,
                format!("Thu, {day:02} {month} {year} 00:00:00 GMT")
            );
        }
    }

    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
}
