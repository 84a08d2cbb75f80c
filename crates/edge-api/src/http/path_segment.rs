//! A value as one segment of a URL's path.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::input_error::{InputError, filled};

/// Escapes all but the unreserved characters of RFC 3986 §2.3. What a client could take for a step
/// through the path is refused, since escaping does not help there.
pub(crate) fn encode(field: &'static str, value: &str) -> Result<String, InputError> {
    filled(field, value)?;
    if value.len() > LONGEST {
        return Err(InputError::invalid(field, "is too long"));
    }
    if matches!(value, "." | "..") {
        return Err(InputError::invalid(field, "is not one"));
    }
    Ok(utf8_percent_encode(value, RESERVED).to_string())
}

/// The value of a segment, where it is one.
pub(crate) fn decode(segment: &str) -> Option<String> {
    let value = percent_decode_str(segment).decode_utf8().ok()?;
    (!value.is_empty() && !segment.contains('/')).then(|| value.into_owned())
}

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Far more than any id has, and little enough for a URL.
const LONGEST: usize = 512;
