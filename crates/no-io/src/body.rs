//! The body of an answer while it arrives: bounded, and wiped wherever it stood.

use std::{fmt, mem};

use zeroize::Zeroizing;

use crate::error::transport::{TransportError, TransportErrorKind};
use crate::secret::SecretBytes;

/// The largest body that an answer may have, in bytes. A transport stops reading there.
pub const BODY_LIMIT: usize = 128 * 1024;

/// Collects a body of at most [`BODY_LIMIT`] bytes.
///
/// ```
/// use edge_oauth_no_io::BodyBuffer;
///
/// let mut body = BodyBuffer::new(None);
/// body.push(b"{\"access_token\":")?;
/// body.push(b"\"abc\"}")?;
/// assert_eq!(body.finish().as_ref(), b"{\"access_token\":\"abc\"}");
/// # Ok::<_, edge_oauth_no_io::TransportError>(())
/// ```
pub struct BodyBuffer(Zeroizing<Vec<u8>>);

impl BodyBuffer {
    /// `length` is what the answer's `Content-Length` says, if anything. It is believed only as far as
    /// the limit goes.
    pub fn new(length: Option<u64>) -> Self {
        let length = length
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or(FIRST);
        Self(Zeroizing::new(Vec::with_capacity(length.min(BODY_LIMIT))))
    }

    /// Adds what arrived, or refuses it where the body would become larger than the limit.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), TransportError> {
        let length = self.0.len().saturating_add(chunk.len());
        if length > BODY_LIMIT {
            let limit = format_args!("more than {BODY_LIMIT} bytes");
            return Err(TransportError::new(TransportErrorKind::BodyTooLarge, limit));
        }
        if length > self.0.capacity() {
            let capacity = length.max(2 * self.0.capacity()).min(BODY_LIMIT);
            let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(chunk);
        Ok(())
    }

    /// The whole body.
    pub fn finish(mut self) -> SecretBytes {
        SecretBytes::new(mem::take(&mut *self.0))
    }
}

impl fmt::Debug for BodyBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BodyBuffer([redacted])")
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
            let mut body = BodyBuffer::new(length);
            for _ in 0..BODY_LIMIT / 1024 {
                body.push(&[b'a'; 1024]).unwrap();
            }
            let error = body.push(b"a").unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge);
            assert!(body.0.capacity() <= BODY_LIMIT);
            assert_eq!(body.finish().as_ref(), vec![b'a'; BODY_LIMIT]);
        }
    }
}
