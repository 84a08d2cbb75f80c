//! The lifetime of a cache as the settings write it: `[d.]hh:mm:ss`.

/// Returns whether the text is such a lifetime: days if there are any, then two digits each.
pub(crate) fn is_valid(text: &str) -> bool {
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) => (Some(days), clock),
        None => (None, text),
    };
    let parts: Vec<_> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts[..] else {
        return false;
    };
    let total = || {
        let days = days.map_or(Some(0), number)?;
        let clock = (two_digits(hours, 23)? * 60 + two_digits(minutes, 59)?) * 60;
        Some(days * 86_400 + clock + two_digits(seconds, 59)?)
    };
    total().is_some_and(|seconds| seconds <= MAX_SECONDS)
}

fn two_digits(text: &str, max: u64) -> Option<u64> {
    number(text).filter(|number| text.len() == 2 && *number <= max)
}

fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u32>().ok().filter(|_| digits)?;
    Some(number.into())
}

/// The whole seconds of the longest `TimeSpan` of .NET: 2^63 ticks of 100 ns.
const MAX_SECONDS: u64 = i64::MAX as u64 / 10_000_000;

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
            "10675199.02:48:05",
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
            "10675199.02:48:06",
            "99999999999.00:00:00",
            " 04:00:00",
            "04:00:00Z",
            "٠٤:00:00",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }
}
