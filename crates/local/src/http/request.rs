//! Reads the headers of a request.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// Returns the media type without parameters. Its case does not matter (RFC 9110 §8.3.1).
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next()?;
    Some(essence.trim().to_ascii_lowercase())
}
