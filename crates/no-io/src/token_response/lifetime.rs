//! Reads `expires_in` (RFC 6749 §5.1).

use std::time::Duration;

use crate::token::MAX_LIFETIME;
use crate::token_response::value::Value;

/// The remaining lifetime of a token.
pub(crate) enum Lifetime {
    Left(Duration),
    /// The token has expired already.
    Over,
}

/// Reads seconds, as a number or as text in the form of a JSON number; the fraction is dropped.
pub(crate) fn lifetime(value: &Value<'_>) -> Option<Lifetime> {
    let seconds = match value {
        Value::Number(seconds) => *seconds,
        Value::Text(text) => number(text.trim())?,
        _ => return None,
    };
    match seconds {
        _ if !seconds.is_finite() => None,
        _ if seconds.is_sign_negative() => Some(Lifetime::Over),
        // The cast saturates, and the longest lifetime is far below the numbers for which an `f64` loses a second.
        _ => Some(Lifetime::Left(
            Duration::from_secs(seconds as u64).min(MAX_LIFETIME),
        )),
    }
}

/// Rust reads more as a number than JSON does, such as `inf` and `NaN`.
fn number(text: &str) -> Option<f64> {
    let digits = |byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    let begins = text.strip_prefix('-').unwrap_or(text);
    let begins = begins.starts_with(|c: char| c.is_ascii_digit());
    (begins && text.bytes().all(digits))
        .then(|| text.parse().ok())
        .flatten()
}
