//! How long a cache keeps something, as the settings spell it: `[d.]hh:mm:ss`.

/// Whether the text is such a time: days where there are any, then two digits each.
pub(crate) fn is_valid(text: &str) -> bool {
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) => (Some(days), clock),
        None => (None, text),
    };
    let parts: Vec<_> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts[..] else {
        return false;
    };
    days.is_none_or(are_days)
        && two_digits(hours, 23)
        && two_digits(minutes, 59)
        && two_digits(seconds, 59)
}

fn are_days(text: &str) -> bool {
    let fits = text.parse().is_ok_and(|days: u32| days <= MAX_DAYS);
    fits && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn two_digits(text: &str, max: u8) -> bool {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && text.parse().is_ok_and(|number: u8| number <= max)
}

/// The days of the longest `TimeSpan` of .NET.
const MAX_DAYS: u32 = 10_675_198;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_forms_are_valid() {
        for text in [
            "04:00:00",
            "720.00:00:00",
            "00:00:00",
            "1.23:59:59",
            "10675198.23:59:59",
        ] {
            assert!(is_valid(text), "{text}");
        }
    }

    #[test]
    fn other_forms_are_not() {
        for text in [
            "",
            "4:00:00",
            "24:00:00",
            "00:60:00",
            "00:00:60",
            "00:00",
            "00:00:00:00",
            "00:00:00.5",
            ".00:00:00",
            "-1.00:00:00",
            "+1.00:00:00",
            "+4:00:00",
            "10675199.00:00:00",
            "99999999999.00:00:00",
            " 04:00:00",
            "04:00:00Z",
            "٠٤:00:00",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }
}
