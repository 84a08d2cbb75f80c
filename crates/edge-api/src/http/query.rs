//! The query of a list.

use crate::input_error::InputError;

/// Checks that parameters leave room for others beside them.
pub(crate) fn checked(parameters: String) -> Result<String, InputError> {
    match parameters.len() {
        ..=MAX_LENGTH => Ok(parameters),
        _ => Err(InputError::invalid("filter", "is too long for a URL")),
    }
}

/// Returns parameters with a question mark before them, or an empty text if there are none.
pub(crate) fn with_mark(parameters: String) -> String {
    match parameters.is_empty() {
        true => parameters,
        false => format!("?{parameters}"),
    }
}

/// In bytes. A filter and a page of this length fit into the 64 KiB that the `http` crate accepts for a URL.
const MAX_LENGTH: usize = 16 * 1024;
