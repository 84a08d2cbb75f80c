//! What an exchange may cost, and the body of an answer while it arrives: bounded, and wiped wherever
//! it stood.

use std::time::Duration;
use std::{fmt, mem};

use crate::secret::{SecretBytes, Wiped};
use crate::transport::error::{TransportError, TransportErrorKind};

/// The largest body that the answer to a token request may have, in bytes.
pub const BODY_LIMIT: usize = 128 * 1024;

/// What one exchange may cost; a transport keeps to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLimits {
    /// The time for all of it, from the name's resolution to the last byte of the answer's body.
    pub timeout: Duration,
    /// The most bytes that the answer's body may have.
    pub max_body: usize,
}

impl RequestLimits {
    /// Returns the limits of a request, with the time clamped to 10 years: no clock or timer overflows.
    pub fn new(timeout: Duration, max_body: usize) -> Self {
        Self {
            timeout: timeout.min(MAX_TIMEOUT),
            max_body,
        }
    }

    /// Returns the limits of a token request: [`BODY_LIMIT`] bytes.
    pub fn token(timeout: Duration) -> Self {
        Self::new(timeout, BODY_LIMIT)
    }
}

const MAX_TIMEOUT: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Collects a body within its bounds.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{LimitedBody, RequestLimits};
///
/// let bounds = RequestLimits::token(Duration::from_secs(10));
/// let mut body = LimitedBody::new(bounds, None);
/// body.push(b"{\"access_token\":")?;
/// body.push(b"\"abc\"}")?;
/// assert_eq!(body.finish().as_ref(), b"{\"access_token\":\"abc\"}");
/// # Ok::<_, edge_oauth_no_io::TransportError>(())
/// ```
pub struct LimitedBody {
    bytes: Wiped,
    limit: usize,
}

impl LimitedBody {
    /// `length` is what the answer's `Content-Length` says, if anything. It is believed only as far as
    /// the bounds go.
    pub fn new(limits: RequestLimits, length: Option<u64>) -> Self {
        let length = length.and_then(|length| usize::try_from(length).ok());
        let first = length.unwrap_or(FIRST).min(limits.max_body).min(BODY_LIMIT);
        Self {
            bytes: Wiped(Vec::with_capacity(first)),
            limit: limits.max_body,
        }
    }

    /// Adds what arrived, or refuses it where the body would become larger than the bounds allow.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), TransportError> {
        let length = self.bytes.len().saturating_add(chunk.len());
        if length > self.limit {
            return Err(TransportError::new(
                TransportErrorKind::BodyTooLarge,
                format_args!("more than {} bytes", self.limit),
            ));
        }
        if length > self.bytes.capacity() {
            let mut larger = Wiped(Vec::with_capacity(self.larger(length)));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    /// The next capacity, which is at least `length`. Growing holds the old buffer and the new one: the
    /// last step, to the limit, is taken early, so that the two are never more than five quarters of it.
    fn larger(&self, length: usize) -> usize {
        let doubled = length.max(self.bytes.capacity().saturating_mul(2));
        if doubled > self.limit / 4 {
            self.limit
        } else {
            doubled
        }
    }

    /// The whole body.
    pub fn finish(mut self) -> SecretBytes {
        SecretBytes::new(mem::take(&mut *self.bytes))
    }
}

impl fmt::Debug for LimitedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LimitedBody([redacted])")
    }
}

/// More than a token answer usually has.
const FIRST: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    // P31, P36
    #[test]
    fn the_limit_holds_whatever_the_length_says() {
        for length in [None, Some(0), Some(100_000), Some(u64::MAX)] {
            let mut body = LimitedBody::new(RequestLimits::token(Duration::ZERO), length);
            for _ in 0..BODY_LIMIT / 1024 {
                body.push(&[b'a'; 1024]).unwrap();
            }
            let error = body.push(b"a").unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge);
            assert!(body.bytes.capacity() <= BODY_LIMIT);
            assert_eq!(body.finish().as_ref(), vec![b'a'; BODY_LIMIT]);
        }
    }

    #[test]
    fn it_grows_by_doubling_and_when_it_is_full() {
        let mut body = LimitedBody::new(RequestLimits::token(Duration::ZERO), Some(8));
        for part in [b"1234", b"5678"] {
            body.push(part).unwrap();
            assert_eq!(body.bytes.capacity(), 8);
        }
        body.push(b"9").unwrap();
        assert_eq!(body.bytes.capacity(), 16);
        let unknown = LimitedBody::new(RequestLimits::token(Duration::ZERO), None);
        assert_eq!(unknown.bytes.capacity(), 4096);
    }

    #[test]
    fn it_is_not_printed() {
        let mut body = LimitedBody::new(RequestLimits::token(Duration::ZERO), None);
        body.push(b"s3cret").unwrap();
        assert_eq!(format!("{body:?}"), "LimitedBody([redacted])");
    }
}
