//! The meaning of an HTTP status by itself, for token endpoints and APIs alike.

use http::StatusCode;

use crate::culprit::Culprit;

/// Returns who has to act if the status says that the same request may succeed later, whatever the body says.
///
/// The network: 421, and the statuses with which proxies give up (444, 460, 499). The server: 408, 420, 425, 429, 5xx,
/// and 600 and more, which count as 5xx (RFC 9110 §15).
pub(crate) fn transient(status: StatusCode) -> Option<Culprit> {
    match status.as_u16() {
        421 | 444 | 460 | 499 => Some(Culprit::Network),
        408 | 420 | 425 | 429 | 500.. => Some(Culprit::Server),
        _ => None,
    }
}

/// Returns the status, or the x00 of its class if it is not registered: so a client takes it that does not know it
/// (RFC 9110 §15).
pub(crate) fn registered(status: StatusCode) -> u16 {
    match status.canonical_reason() {
        Some(_) => status.as_u16(),
        None => status.as_u16() / 100 * 100,
    }
}
