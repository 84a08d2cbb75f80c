//! The claims of an assertion whose signature was verified (RFC 7523 §3).

use std::time::Duration;

use serde_json::{Map, Value};

use crate::oauth::assertion::error::Rejection;
use crate::options::registered_keys::Party;

/// The id of an assertion, and the time until which it may not come again.
pub(crate) struct OneUse {
    pub(crate) id: String,
    pub(crate) until: Duration,
}

/// Checks who an assertion is of, who it is for, and when it is valid. One that a client makes is for one use.
pub(crate) fn check(
    claims: &Map<String, Value>,
    party: &Party,
    client_id: &str,
    audiences: [String; 2],
    now: Duration,
) -> Result<Option<OneUse>, Rejection> {
    let (issuer, subject) = match party {
        Party::Client => (client_id, client_id),
        Party::Platform { issuer, subject } => (issuer.as_str(), subject.as_str()),
    };
    if text(claims, "iss")? != issuer {
        return Err(Rejection::WrongIssuer);
    }
    if text(claims, "sub")? != subject {
        return Err(Rejection::WrongSubject);
    }
    if !is_for(claims.get("aud"), &audiences)? {
        return Err(Rejection::WrongAudience(audiences));
    }
    let expiry = check_times(claims, party, now.as_secs_f64())?;
    match party {
        Party::Platform { .. } => Ok(None),
        Party::Client => Ok(Some(OneUse {
            id: text(claims, "jti")?.to_owned(),
            until: Duration::try_from_secs_f64(expiry + TOLERANCE).unwrap_or(now),
        })),
    }
}

/// Returns the time at which the assertion expires. All are in seconds since the Unix epoch (RFC 7519 §2).
fn check_times(claims: &Map<String, Value>, party: &Party, now: f64) -> Result<f64, Rejection> {
    let expiry = time(claims, "exp")?.ok_or(Rejection::NoClaim("exp"))?;
    let issued_at = time(claims, "iat")?;
    let not_before = time(claims, "nbf")?;
    let ahead = [issued_at, not_before].into_iter().flatten();
    let ahead = ahead.fold(0.0, |most, time| f64::max(most, time - now));
    if ahead > TOLERANCE {
        return Err(Rejection::ClockAhead {
            seconds: whole(ahead),
        });
    }
    if expiry + TOLERANCE <= now {
        return Err(match (party, issued_at) {
            (Party::Client, Some(issued_at)) if issued_at < expiry => Rejection::ClockBehind {
                seconds: whole(now - issued_at),
            },
            _ => Rejection::Expired {
                seconds: whole(now - expiry),
            },
        });
    }
    let most = match party {
        Party::Client => LONGEST,
        Party::Platform { .. } => LONGEST_OF_PLATFORM,
    };
    if expiry - issued_at.unwrap_or(now) > most as f64 + TOLERANCE {
        return Err(Rejection::LivesTooLong { most });
    }
    Ok(expiry)
}

/// `aud` is text or an array of texts (RFC 7519 §4.1.3), of which one has to be meant.
fn is_for(claim: Option<&Value>, audiences: &[String; 2]) -> Result<bool, Rejection> {
    let is_meant = |value: &Value| audiences.iter().any(|audience| value == audience);
    match claim {
        Some(Value::Array(values)) => Ok(values.iter().any(is_meant)),
        Some(value @ Value::String(_)) => Ok(is_meant(value)),
        _ => Err(Rejection::NoClaim("aud")),
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, Rejection> {
    let text = claims.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
        .ok_or(Rejection::NoClaim(name))
}

fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<f64>, Rejection> {
    let time = |value: &Value| value.as_f64().ok_or(Rejection::NoClaim(name));
    claims.get(name).map(time).transpose()
}

fn whole(seconds: f64) -> u64 {
    seconds.round() as u64
}

/// The seconds by which the client's clock and this one may differ.
const TOLERANCE: f64 = 30.0;

/// The longest life of an assertion that a client makes for one request, in seconds.
const LONGEST: u64 = 60 * 60;

/// The longest life of an assertion that a platform makes, which is rotated rather than remade.
const LONGEST_OF_PLATFORM: u64 = 24 * 60 * 60;
