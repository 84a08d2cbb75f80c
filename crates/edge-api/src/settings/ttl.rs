//! Times to live, which the service writes as `d.hh:mm:ss`.

use std::time::Duration;

/// Reads `[d.]hh:mm:ss[.fffffff]`; the fraction is dropped.
pub(crate) fn read(text: &str) -> Option<Duration> {
    let mut parts = text.split(':');
    let (first, minutes, last) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (days, hours) = first.split_once('.').unwrap_or(("0", first));
    let seconds = match last.split_once('.') {
        Some((seconds, fraction)) => number(fraction, 9).map(|_| seconds)?,
        None => last,
    };
    let days = number(days, 8)?;
    let [hours, minutes, seconds] = [(hours, 24), (minutes, 60), (seconds, 60)]
        .map(|(text, limit)| number(text, 2).filter(|number| *number < limit));
    let seconds = ((days * 24 + hours?) * 60 + minutes?) * 60 + seconds?;
    (seconds <= MAX_SECONDS).then(|| Duration::from_secs(seconds))
}

/// Writes whole seconds, with days if there are any. The error is the fault of `ttl`.
pub(crate) fn write(ttl: Duration) -> Result<String, &'static str> {
    let seconds = ttl.as_secs();
    if ttl.subsec_nanos() != 0 {
        return Err("has a fraction of a second");
    }
    if seconds > MAX_SECONDS {
        return Err("is too long");
    }
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let time = format!("{:02}:{:02}:{:02}", hours % 24, minutes % 60, seconds % 60);
    Ok(match days {
        0 => time,
        days => format!("{days}.{time}"),
    })
}

fn number(text: &str, most_digits: usize) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && text.len() <= most_digits).then(|| text.parse().ok())?
}

/// In seconds: the longest `TimeSpan` of .NET, which has this form. It is 2^63 ticks of 100 ns.
const MAX_SECONDS: u64 = i64::MAX as u64 / 10_000_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    #[test]
    fn time_of_the_service_is_read() {
        for (text, seconds) in [
            ("04:00:00", 14_400),
            ("00:15:00", 900),
            ("720.00:00:00", 62_208_000),
            ("1.02:03:04", 93_784),
            ("0.00:00:00", 0),
            ("00:00:01.9999999", 1),
            ("1:2:3", 3_723),
            ("10675199.02:48:05.4775807", MAX_SECONDS),
        ] {
            assert_eq!(read(text), Some(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn text_of_another_form_is_rejected() {
        for text in [
            "",
            ":",
            "::",
            "5",
            "04:00",
            "04:00:00:00",
            "-04:00:00",
            "-1.00:00:00",
            "+1:00:00",
            "24:00:00",
            "00:60:00",
            "00:00:60",
            "100:00:00",
            "1.2.00:00:00",
            ".00:00:00",
            "00:00:00.",
            "00:00:0x",
            "00:00:00.-1",
            " 04:00:00",
            "10675199.02:48:06",
            "99999999999999999999.00:00:00",
            "PT4H",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_written_if_there_are_any() {
        for (seconds, text) in [
            (0, "00:00:00"),
            (900, "00:15:00"),
            (86_399, "23:59:59"),
            (86_400, "1.00:00:00"),
            (62_208_000, "720.00:00:00"),
        ] {
            assert_eq!(write(Duration::from_secs(seconds)).as_deref(), Ok(text));
        }
        assert!(write(Duration::from_millis(1500)).is_err());
        assert!(write(Duration::from_secs(MAX_SECONDS + 1)).is_err());
        assert!(write(Duration::MAX).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(1),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn written_time_is_read_again(seconds in 0..=MAX_SECONDS) {
            let ttl = Duration::from_secs(seconds);
            prop_assert_eq!(read(&write(ttl).unwrap()), Some(ttl));
        }

        #[test]
        fn random_text_is_rejected_or_read_again(text in "[0-9.:+ -]{0,30}") {
            if let Some(ttl) = read(&text) {
                prop_assert_eq!(read(&write(ttl).unwrap()), Some(ttl));
            }
        }
    }
}
