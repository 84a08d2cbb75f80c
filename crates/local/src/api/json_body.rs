//! Reads the JSON body of a request, member by member.

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::api::error::ApiError;
use crate::http::request::media_type;

/// Reads JSON that has this media type.
pub(crate) fn json(
    headers: &HeaderMap,
    expected: &'static str,
    body: &[u8],
) -> Result<Value, ApiError> {
    if media_type(headers).as_deref() != Some(expected) {
        return Err(ApiError::UnsupportedMediaType(expected));
    }
    serde_json::from_slice(body).map_err(|_| ApiError::InvalidBody("The body is not JSON"))
}

/// The members of a JSON object. `take` methods remove the known members by name, and ignore the case of the name;
/// unknown members remain.
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, ApiError> {
        match json(headers, "application/json", body)? {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(ApiError::InvalidBody("The body is not a JSON object")),
        }
    }

    /// Takes a member. A member that is `null` counts as missing; of several spellings, the last one counts.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let is_it = |key: &&String| key.eq_ignore_ascii_case(name);
        let mut value = None;
        while let Some(key) = self.0.keys().find(is_it).cloned() {
            value = self.0.remove(&key);
        }
        value.filter(|value| !value.is_null())
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        match self.take(name) {
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::invalid_field(name, "It has to be text.")),
            None => Ok(None),
        }
    }

    /// Takes a text that is not blank.
    pub(crate) fn required_text(&mut self, name: &str) -> Result<String, ApiError> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| ApiError::invalid_field(name, "It is required."))
    }

    pub(crate) fn flag(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.take(name) {
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(ApiError::invalid_field(name, "It has to be true or false.")),
            None => Ok(None),
        }
    }

    /// Returns the remaining members.
    pub(crate) fn unknown(self) -> Map<String, Value> {
        self.0
    }
}

impl From<Map<String, Value>> for Members {
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}
