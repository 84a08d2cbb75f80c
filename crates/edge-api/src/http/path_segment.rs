//! A value as one segment of a URL's path.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::input_error::{InputError, require_text};

/// Escapes all characters but the unreserved ones (RFC 3986 §2.3).
///
/// `.` and `..` are errors: escaping does not change them, and a client could read them as a step in the path.
pub(crate) fn encode(field: &'static str, value: &str) -> Result<String, InputError> {
    require_text(field, value)?;
    if value.len() > MAX_LENGTH {
        return Err(InputError::invalid(field, "is too long"));
    }
    if matches!(value, "." | "..") {
        return Err(InputError::invalid(field, "is a step in a path"));
    }
    Ok(utf8_percent_encode(value, RESERVED).to_string())
}

/// Returns the value of a segment. `None` if `segment` is empty, has a slash or is not UTF-8.
pub(crate) fn decode(segment: &str) -> Option<String> {
    let value = percent_decode_str(segment).decode_utf8().ok()?;
    (!value.is_empty() && !segment.contains('/')).then(|| value.into_owned())
}

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// In bytes: longer than any id, and short enough for a URL.
const MAX_LENGTH: usize = 512;
