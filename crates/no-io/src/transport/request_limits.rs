//! The limits of a request.

use std::time::Duration;

/// The largest body that the response to a token request may have, in bytes.
pub const BODY_LIMIT: usize = 128 * 1024;

/// The time and the memory that one request may cost; a transport keeps to it.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{BODY_LIMIT, RequestLimits};
///
/// let token = RequestLimits::token(Duration::from_secs(10));
/// assert_eq!((token.max_body, token.keep_alive), (BODY_LIMIT, false));
/// let api = RequestLimits::new(Duration::from_secs(30), 1024 * 1024);
/// assert!(api.keep_alive);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// The time for all of it, from the name's resolution to the last byte of the response's body.
    pub timeout: Duration,
    /// The most bytes that the response's body may have.
    pub max_body: usize,
    /// True if the connection may be kept for the next request. A token request is the last on its connection: the next
    /// is far away, and may be made by another runtime.
    pub keep_alive: bool,
}

impl RequestLimits {
    /// Returns the limits of a request, with the time clamped to 10 years: no clock or timer overflows.
    pub const fn new(timeout: Duration, max_body: usize) -> Self {
        Self {
            timeout: match timeout.as_secs() < MAX_TIMEOUT.as_secs() {
                true => timeout,
                false => MAX_TIMEOUT,
            },
            max_body,
            keep_alive: true,
        }
    }

    /// Returns the limits of a token request: [`BODY_LIMIT`] bytes.
    pub fn token(timeout: Duration) -> Self {
        Self {
            keep_alive: false,
            ..Self::new(timeout, BODY_LIMIT)
        }
    }
}

const MAX_TIMEOUT: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
