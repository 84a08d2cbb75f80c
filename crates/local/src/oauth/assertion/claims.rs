//! The claims of an assertion whose signature was verified (RFC 7523 §3).

use std::time::Duration;

use serde_json::{Map, Value};

use crate::oauth::assertion::error::AssertionError;
use crate::options::registered_keys::AssertionSource;

/// The id of an assertion, and the time until which it may not be used again.
pub(crate) struct SingleUse {
    pub(crate) id: String,
    pub(crate) until: Duration,
}

/// Checks the issuer, the subject, the audience and the times of an assertion. An assertion that the client makes may
/// be used once.
pub(crate) fn check_claims(
    claims: &Map<String, Value>,
    source: &AssertionSource,
    client_id: &str,
    audiences: [String; 2],
    now: Duration,
) -> Result<Option<SingleUse>, AssertionError> {
    let (issuer, subject) = match source {
        AssertionSource::Client => (client_id, client_id),
        AssertionSource::Platform { issuer, subject } => (issuer.as_str(), subject.as_str()),
    };
    if text(claims, "iss")? != issuer {
        return Err(AssertionError::WrongIssuer);
    }
    if text(claims, "sub")? != subject {
        return Err(AssertionError::WrongSubject);
    }
    if !has_audience(claims.get("aud"), &audiences)? {
        return Err(AssertionError::WrongAudience(audiences));
    }
    let expiry = check_times(claims, source, now.as_secs_f64())?;
    match source {
        AssertionSource::Platform { .. } => Ok(None),
        AssertionSource::Client => Ok(Some(SingleUse {
            id: text(claims, "jti")?.to_owned(),
            until: Duration::try_from_secs_f64(expiry + CLOCK_TOLERANCE).unwrap_or(now),
        })),
    }
}

/// Returns the time at which the assertion expires. All times are in seconds since the Unix epoch (RFC 7519 §2).
fn check_times(
    claims: &Map<String, Value>,
    source: &AssertionSource,
    now: f64,
) -> Result<f64, AssertionError> {
    let expiry = time(claims, "exp")?.ok_or(AssertionError::InvalidClaim("exp"))?;
    let issued_at = time(claims, "iat")?;
    let not_before = time(claims, "nbf")?;
    let ahead = [issued_at, not_before].into_iter().flatten();
    let ahead = ahead.fold(0.0, |max, time| f64::max(max, time - now));
    if ahead > CLOCK_TOLERANCE {
        return Err(AssertionError::ClockAhead {
            seconds: rounded(ahead),
        });
    }
    if expiry + CLOCK_TOLERANCE <= now {
        return Err(match (source, issued_at) {
            (AssertionSource::Client, Some(issued_at)) if issued_at < expiry => {
                AssertionError::ClockBehind {
                    seconds: rounded(now - issued_at),
                }
            }
            _ => AssertionError::Expired {
                seconds: rounded(now - expiry),
            },
        });
    }
    let max = match source {
        AssertionSource::Client => MAX_LIFETIME,
        AssertionSource::Platform { .. } => MAX_PLATFORM_LIFETIME,
    };
    if expiry - issued_at.unwrap_or(now) > max as f64 + CLOCK_TOLERANCE {
        return Err(AssertionError::LifetimeTooLong { max });
    }
    Ok(expiry)
}

/// `aud` is a text or an array of texts (RFC 7519 §4.1.3). One of them has to match.
fn has_audience(claim: Option<&Value>, audiences: &[String; 2]) -> Result<bool, AssertionError> {
    let is_meant = |value: &Value| audiences.iter().any(|audience| value == audience);
    match claim {
        Some(Value::Array(values)) => Ok(values.iter().any(is_meant)),
        Some(value @ Value::String(_)) => Ok(is_meant(value)),
        _ => Err(AssertionError::InvalidClaim("aud")),
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, AssertionError> {
    let text = claims.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
        .ok_or(AssertionError::InvalidClaim(name))
}

fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<f64>, AssertionError> {
    let time = |value: &Value| value.as_f64().ok_or(AssertionError::InvalidClaim(name));
    claims.get(name).map(time).transpose()
}

fn rounded(seconds: f64) -> u64 {
    seconds.round() as u64
}

/// The largest difference between the clocks of the client and the server, in seconds.
const CLOCK_TOLERANCE: f64 = 30.0;

/// The longest lifetime of an assertion that a client makes for one request, in seconds.
const MAX_LIFETIME: u64 = 60 * 60;

/// The longest lifetime of an assertion that a platform makes and rotates, in seconds.
const MAX_PLATFORM_LIFETIME: u64 = 24 * 60 * 60;
