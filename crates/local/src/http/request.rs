//! Reading the headers of a request.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// The media type without its parameters, which is compared without case (RFC 9110 §8.3.1).
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next()?;
    Some(essence.trim().to_ascii_lowercase())
}
