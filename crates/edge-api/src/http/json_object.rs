//! A JSON object that finds members in any letter case and keeps unknown members.

use std::fmt;

use serde_json::{Map, Value};

use crate::http::decode_error::{DecodeError, THE_BODY};

/// A JSON object of the service, which writes `label` or `Label`. Both names are read, and a member that is set keeps
/// the name that it had.
///
/// `Debug` prints the names only, since some members contain credentials.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct JsonObject(pub(crate) Map<String, Value>);

impl JsonObject {
    /// Reads a body that is one object.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, DecodeError> {
        Self::try_from(parse(body)?)
    }

    /// Returns a member, unless it is missing or null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let value = self.0.get(self.key(name)?)?;
        (!value.is_null()).then_some(value)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    /// Returns a member that is an object. `None` if it is missing or something else.
    pub(crate) fn object(&self, name: &str) -> Option<Self> {
        self.get(name)?.as_object().cloned().map(Self)
    }

    /// Returns a member that is a count. `None` if it is missing.
    pub(crate) fn count(&self, name: &'static str) -> Result<Option<u64>, DecodeError> {
        let not_a_count = DecodeError::member(name, "is not a count");
        let count = |value: &Value| as_count(value).ok_or(not_a_count);
        self.get(name).map(count).transpose()
    }

    /// Returns the items of a required array.
    pub(crate) fn items(&self, name: &'static str) -> Result<&[Value], DecodeError> {
        match self.get(name) {
            None => Err(DecodeError::member(name, "is missing")),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(DecodeError::member(name, "is not an array")),
        }
    }

    /// Returns a required text.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, DecodeError> {
        match self.get(name) {
            None => Err(DecodeError::member(name, "is missing")),
            Some(value) => value
                .as_str()
                .ok_or(DecodeError::member(name, "is not text")),
        }
    }

    /// Checks that each of these members is a text, if it is present.
    pub(crate) fn check_texts(&self, names: &[&'static str]) -> Result<(), DecodeError> {
        self.check(names, Value::is_string, "is not text")
    }

    /// Checks that each of these members is a boolean, if it is present.
    pub(crate) fn check_flags(&self, names: &[&'static str]) -> Result<(), DecodeError> {
        self.check(names, Value::is_boolean, "is not true or false")
    }

    /// Sets a member under the name that the object has for it, or else under this name.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        let key = self.key(name).unwrap_or(name).to_owned();
        self.0.insert(key, value.into());
    }

    /// Removes a member in every letter case.
    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|key, _| !key.eq_ignore_ascii_case(name));
    }

    pub(crate) fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    fn key<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let mut keys = self.0.keys().map(String::as_str);
        match self.0.contains_key(name) {
            true => Some(name),
            false => keys.find(|key| key.eq_ignore_ascii_case(name)),
        }
    }

    fn check(
        &self,
        names: &[&'static str],
        is_valid: impl Fn(&Value) -> bool,
        reason: &'static str,
    ) -> Result<(), DecodeError> {
        let is_invalid =
            |name: &&&'static str| self.get(name).is_some_and(|value| !is_valid(value));
        match names.iter().find(is_invalid) {
            Some(name) => Err(DecodeError::member(name, reason)),
            None => Ok(()),
        }
    }
}

impl TryFrom<Value> for JsonObject {
    type Error = DecodeError;

    fn try_from(json: Value) -> Result<Self, DecodeError> {
        match json {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(DecodeError::member(THE_BODY, "is not an object")),
        }
    }
}

impl fmt::Debug for JsonObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Reads a count in every form that writers of JSON have for it: `3`, `3.0` and `"3"`.
pub(crate) fn as_count(value: &Value) -> Option<u64> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    text.strip_suffix(".0").unwrap_or(&text).parse().ok()
}

/// Removes the byte order mark that some services begin with (RFC 8259 §8.1).
pub(crate) fn without_byte_order_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Reads a body that is one JSON value.
pub(crate) fn parse(body: &[u8]) -> Result<Value, DecodeError> {
    let body = without_byte_order_mark(body);
    if body.trim_ascii().is_empty() {
        return Err(DecodeError::unreadable("is empty"));
    }
    serde_json::from_slice(body).map_err(|_| DecodeError::unreadable("is not JSON"))
}
