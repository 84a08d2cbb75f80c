//! The body of a response while it arrives: bounded, and wiped wherever it stood.

use std::{fmt, mem};

use http::{HeaderMap, Method, StatusCode, header};
use zeroize::Zeroizing;

use crate::secret::{SecretBytes, Wiped};
use crate::transport::error::TransportError;
use crate::transport::error_kind::TransportErrorKind;
use crate::transport::request_limits::{BODY_LIMIT, RequestLimits};

/// Collects a body within its limits, and refuses one that ends before its length.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{LimitedBody, RequestLimits};
///
/// let limits = RequestLimits::token(Duration::from_secs(10));
/// let mut body = LimitedBody::new(limits, None);
/// body.push(b"{\"access_token\":")?;
/// body.push(b"\"abc\"}")?;
/// assert_eq!(body.finish()?.as_ref(), b"{\"access_token\":\"abc\"}");
/// # Ok::<_, edge_oauth_no_io::TransportError>(())
/// ```
pub struct LimitedBody {
    bytes: Wiped,
    limit: usize,
    length: Option<u64>,
}

impl LimitedBody {
    /// Returns an empty body. `length` is the length that it has to have, if that is known; memory is taken for it only
    /// as far as the limits go.
    pub fn new(limits: RequestLimits, length: Option<u64>) -> Self {
        let first = length.and_then(|length| usize::try_from(length).ok());
        let first = first.unwrap_or(FIRST).min(limits.max_body).min(BODY_LIMIT);
        Self {
            bytes: Wiped(Vec::with_capacity(first)),
            limit: limits.max_body,
            length,
        }
    }

    /// Returns an empty body for the response to a request with this method. The length is that of its `Content-Length`,
    /// if the field applies to the body as the library delivers it.
    pub fn for_response(
        limits: RequestLimits,
        method: &Method,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Self {
        Self::new(limits, content_length(method, status, headers))
    }

    /// Adds the bytes that arrived.
    ///
    /// # Errors
    ///
    /// Returns [`BodyTooLarge`](TransportErrorKind::BodyTooLarge) if the body would become larger than its limits allow.
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

    /// Reads the rest of the body with `read`, as [`Read::read`](std::io::Read::read) does it, and returns the whole body.
    /// The bytes arrive where they stay, so no copy of them has to be wiped.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`push`](Self::push), [`finish`](Self::finish) and `read`.
    pub fn read(
        mut self,
        mut read: impl FnMut(&mut [u8]) -> Result<usize, TransportError>,
    ) -> Result<SecretBytes, TransportError> {
        let mut filled = self.bytes.len();
        loop {
            let capacity = self.bytes.capacity().min(self.limit);
            if filled == capacity {
                // The body has probably ended, and more memory would be for nothing.
                let mut next = Zeroizing::new([0; 32]);
                match read(&mut *next)? {
                    0 => return self.finish(),
                    length => self.push(next.get(..length).unwrap_or(&*next))?,
                }
                filled = self.bytes.len();
                continue;
            }
            if filled == self.bytes.len() {
                let more = filled.max(FIRST_READ);
                self.bytes.resize(capacity.min(filled + more), 0);
            }
            match read(&mut self.bytes[filled..])? {
                0 => {
                    self.bytes.truncate(filled);
                    return self.finish();
                }
                length => filled = self.bytes.len().min(filled + length),
            }
        }
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

    /// Returns the whole body.
    ///
    /// # Errors
    ///
    /// Returns [`Closed`](TransportErrorKind::Closed) if the body is shorter than its length (RFC 9112 §8, RFC 9113
    /// §8.1.1). Libraries do not all look: an HTTP/2 stream that is reset without an error looks ended.
    pub fn finish(mut self) -> Result<SecretBytes, TransportError> {
        let (arrived, length) = (self.bytes.len() as u64, self.length);
        match length.filter(|length| arrived < *length) {
            Some(length) => Err(TransportError::new(
                TransportErrorKind::Closed,
                format_args!("the body ended after {arrived} of {length} bytes"),
            )),
            None => Ok(SecretBytes::new(mem::take(&mut *self.bytes))),
        }
    }
}

/// RFC 9110 §6.4.1 and §8.6: some responses have no body, whatever their length says. A body whose
/// encoding the library may have undone has another length, and one in chunks has none (RFC 9112 §6.3).
fn content_length(method: &Method, status: StatusCode, headers: &HeaderMap) -> Option<u64> {
    let bodiless = *method == Method::HEAD
        || status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if bodiless {
        return None;
    }
    let mut length = None;
    // Comparing the names takes fewer instructions than three lookups.
    for (name, value) in headers {
        match *name {
            header::CONTENT_ENCODING | header::TRANSFER_ENCODING => return None,
            header::CONTENT_LENGTH => length = length.or(Some(value)),
            _ => {}
        }
    }
    length?.to_str().ok()?.parse().ok()
}

impl fmt::Debug for LimitedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LimitedBody([redacted])")
    }
}

/// More than a token response usually has.
const FIRST: usize = 4096;

/// The bytes that are set to zero for the first read; each later one doubles them.
const FIRST_READ: usize = 1024;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    // fault: access-token-size, nesting-without-end
    #[test]
    fn limit_holds_for_any_content_length() {
        for length in [None, Some(0), Some(100_000), Some(u64::MAX)] {
            let mut body = LimitedBody::new(RequestLimits::token(Duration::ZERO), length);
            for _ in 0..BODY_LIMIT / 1024 {
                body.push(&[b'a'; 1024]).unwrap();
            }
            let error = body.push(b"a").unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge);
            assert!(body.bytes.capacity() <= BODY_LIMIT);
            match length {
                Some(u64::MAX) => assert!(body.finish().is_err()),
                _ => assert_eq!(body.finish().unwrap().as_ref(), vec![b'a'; BODY_LIMIT]),
            }
        }
    }

    // fault: http2-body-reset, short-body-taken-for-whole
    #[test]
    fn body_that_ends_before_its_length_is_an_error() {
        let limits = RequestLimits::token(Duration::ZERO);
        let mut body = LimitedBody::new(limits, Some(6));
        body.push(b"abc").unwrap();
        let error = body.finish().unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Closed);
        assert!(error.to_string().contains("3 of 6"), "{error}");
        let mut body = LimitedBody::new(limits, Some(3));
        body.push(b"abc").unwrap();
        assert_eq!(body.finish().unwrap().as_ref(), b"abc");
    }

    // fault: compressed-body, short-body-taken-for-whole
    #[test]
    fn length_counts_only_if_it_is_that_of_the_body() {
        let length = |method: Method, status: u16, headers: &[(header::HeaderName, &str)]| {
            let headers = headers.iter();
            let headers = headers.map(|(name, value)| (name.clone(), value.parse().unwrap()));
            let status = StatusCode::from_u16(status).unwrap();
            content_length(&method, status, &headers.collect())
        };
        let six = (header::CONTENT_LENGTH, "6");
        assert_eq!(
            length(Method::POST, 200, std::slice::from_ref(&six)),
            Some(6)
        );
        assert_eq!(
            length(Method::POST, 401, std::slice::from_ref(&six)),
            Some(6)
        );
        assert_eq!(length(Method::POST, 200, &[]), None);
        for bad in ["-1", "a", "6, 6", "99999999999999999999"] {
            let header = (header::CONTENT_LENGTH, bad);
            assert_eq!(length(Method::POST, 200, &[header]), None, "{bad}");
        }
        assert_eq!(length(Method::HEAD, 200, std::slice::from_ref(&six)), None);
        for status in [101, 204, 304] {
            assert_eq!(
                length(Method::GET, status, std::slice::from_ref(&six)),
                None,
                "{status}"
            );
        }
        for other in [header::CONTENT_ENCODING, header::TRANSFER_ENCODING] {
            let headers = [six.clone(), (other, "gzip")];
            assert_eq!(length(Method::GET, 200, &headers), None);
        }
    }

    #[test]
    fn buffer_grows_by_doubling_when_it_is_full() {
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

    /// Reads a body that arrives in pieces of this size.
    fn read_in_pieces(
        body: &[u8],
        piece: usize,
        limits: RequestLimits,
        length: Option<u64>,
    ) -> Result<SecretBytes, TransportError> {
        let mut left = body;
        LimitedBody::new(limits, length).read(|room| {
            assert!(!room.is_empty());
            let (next, rest) = left.split_at(piece.min(room.len()).min(left.len()));
            room[..next.len()].copy_from_slice(next);
            left = rest;
            Ok(next.len())
        })
    }

    // fault: access-token-size, short-body-taken-for-whole
    #[test]
    fn body_that_is_read_in_place_is_the_one_that_is_pushed() {
        let limits = RequestLimits::token(Duration::ZERO);
        let body: Vec<u8> = (0..BODY_LIMIT + 1).map(|number| number as u8).collect();
        for size in [0, 1, 31, 33, 4096, 4097, 20_000, BODY_LIMIT] {
            for piece in [1, 1000, usize::MAX] {
                for length in [None, Some(size as u64), Some(size as u64 / 2)] {
                    let read = read_in_pieces(&body[..size], piece, limits, length).unwrap();
                    assert_eq!(read.as_ref(), &body[..size]);
                }
                let more = Some(size as u64 + 1);
                let error = read_in_pieces(&body[..size], piece, limits, more).unwrap_err();
                assert_eq!(error.kind(), TransportErrorKind::Closed);
            }
        }
        for length in [None, Some(9), Some(body.len() as u64)] {
            let error = read_in_pieces(&body, usize::MAX, limits, length).unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge);
        }
    }

    #[test]
    fn collected_body_is_not_printed() {
        let mut body = LimitedBody::new(RequestLimits::token(Duration::ZERO), None);
        body.push(b"s3cret").unwrap();
        assert_eq!(format!("{body:?}"), "LimitedBody([redacted])");
    }
}
