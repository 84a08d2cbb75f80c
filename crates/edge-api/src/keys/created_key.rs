//! The key in the response to its creation.

use edge_oauth_no_io::Secret;
use serde_json::Value;

use crate::http::decode_error::DecodeError;
use crate::http::response::ApiResponse;

/// Reads a new key: the whole body, as text or as a JSON string.
pub(crate) fn read_created_key(response: &ApiResponse<'_>) -> Result<Secret, DecodeError> {
    let invalid = |reason| DecodeError::member("the key", reason);
    let text = std::str::from_utf8(response.body).map_err(|_| invalid("is not text"))?;
    let text = text.trim();
    let key = match serde_json::from_str(text) {
        Ok(Value::String(key)) => Secret::new(key),
        Ok(_) => return Err(invalid("is not a key")),
        Err(_) => Secret::new(text),
    };
    match key.expose() {
        "" => Err(invalid("is missing")),
        text if !text.bytes().all(|byte| matches!(byte, b'!'..=b'~')) => {
            Err(invalid("has a character that a header cannot carry"))
        }
        // JSON that breaks off.
        text if text.starts_with(['"', '{', '[']) => Err(invalid("is not a key")),
        text if text.len() < MIN_LENGTH => Err(invalid("is too short")),
        _ => Ok(key),
    }
}

/// In characters. Keys have about forty. A shorter text, such as `OK`, is no key: a caller would give it to a site and
/// revoke the valid keys.
const MIN_LENGTH: usize = 16;
