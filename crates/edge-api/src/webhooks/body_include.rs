//! The member `bodyInclude` of a webhook.

use serde_json::{Map, Value};

use crate::http::json_object::JsonObject;
use crate::input_error::InputError;
use crate::webhooks::members::BODY_INCLUDE;

/// Returns `bodyInclude`, unless it is missing or empty. The service writes an object, and some clients send the object
/// as text.
pub(crate) fn body_include(webhook: &JsonObject) -> Result<Option<Map<String, Value>>, InputError> {
    let include = match webhook.get(BODY_INCLUDE) {
        None => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(Value::Object(include)) => Some(include.clone()),
        Some(_) => None,
    };
    match include {
        Some(include) => Ok((!include.is_empty()).then_some(include)),
        None => Err(InputError::invalid(BODY_INCLUDE, "is not a JSON object")),
    }
}
