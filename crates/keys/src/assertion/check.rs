//! The checks that every assertion passes: printable ASCII, and not expired.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_no_io::{CredentialError, Secret};
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::json::{Member, Object};
use crate::pem::without_mark;

/// Tells whether the place of an assertion may get another one while the process runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    Rotated,
    /// With the remedies for a place that is empty and for an assertion that has expired.
    Fixed {
        empty: &'static str,
        expired: &'static str,
    },
}

/// Returns the assertion without the newline at its end. `place` names where it was found, such as
/// "the file `token`".
pub(crate) fn checked(
    text: &[u8],
    place: &dyn fmt::Display,
    rotation: Rotation,
    clock: &Clock,
) -> Result<Secret, CredentialError> {
    let error = |detail: fmt::Arguments<'_>| match rotation {
        Rotation::Rotated => CredentialError::transient(detail),
        Rotation::Fixed { .. } => CredentialError::permanent(detail),
    };
    let (empty, expired) = match rotation {
        Rotation::Rotated => (
            "check that the platform writes an assertion there",
            "check that the platform renews it, and the machine's clock",
        ),
        Rotation::Fixed { empty, expired } => (empty, expired),
    };
    let text = without_mark(text);
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    if text.is_empty() {
        return Err(error(format_args!("{place} is empty: {empty}")));
    }
    let text = match std::str::from_utf8(text) {
        Ok(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => text,
        _ => {
            return Err(CredentialError::permanent(format_args!(
                "{place} has a space, a line break or a character that is not ASCII inside the assertion: put the \
                 assertion alone there, such as a JWT"
            )));
        }
    };
    if let Some(expiry) = expiry(text) {
        let late = clock.now().as_secs_f64() - expiry;
        if late >= 0.0 {
            return Err(error(format_args!(
                "the assertion of {place} expired {late:.0} s ago: {expired}"
            )));
        }
    }
    Ok(Secret::new(text))
}

/// Returns the `exp` of a JWT (RFC 7519 §4.1.4), unverified. Other texts have none.
fn expiry(text: &str) -> Option<f64> {
    let mut parts = text.split('.');
    let (_, claims, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    let claims = Zeroizing::new(URL_SAFE_NO_PAD.decode(claims).ok()?);
    match Object::read(&claims)?.get("exp")? {
        Member::Number(seconds) => Some(*seconds),
        _ => None,
    }
}
