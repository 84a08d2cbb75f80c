//! JSON Patch (RFC 6902), limited to replacing members of one flat object.

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::api::error::ApiError;
use crate::api::json_body;

/// One operation: sets the member of this name to this value.
pub(crate) struct Replacement {
    /// The index in the patch, which an error names.
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) value: Value,
}

/// The operations of a patch, in order.
pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Replacement>, ApiError> {
    let Value::Array(operations) = json_body::json(headers, MEDIA_TYPE, body)? else {
        return Err(ApiError::InvalidBody("The patch is not a JSON array"));
    };
    operations
        .into_iter()
        .enumerate()
        .map(replacement)
        .collect()
}

fn replacement((index, operation): (usize, Value)) -> Result<Replacement, ApiError> {
    let wrong =
        |member: &str, reason| ApiError::invalid_field(format!("[{index}]{member}"), reason);
    let Value::Object(mut operation) = operation else {
        return Err(wrong("", "It has to be an object."));
    };
    if operation.get("op").and_then(Value::as_str) != Some("replace") {
        return Err(wrong(".op", "Only replace is served."));
    }
    let name = name(&operation).ok_or_else(|| wrong(".path", "It has to be / and one name."))?;
    let value = operation.remove("value");
    let value = value.ok_or_else(|| wrong(".value", "It is required."))?;
    Ok(Replacement { index, name, value })
}

/// Returns the only segment of a JSON Pointer (RFC 6901 §4).
fn name(operation: &Map<String, Value>) -> Option<String> {
    let segment = operation.get("path")?.as_str()?.strip_prefix('/')?;
    let is_one = !segment.contains('/');
    is_one.then(|| segment.replace("~1", "/").replace("~0", "~"))
}

const MEDIA_TYPE: &str = "application/json-patch+json";
