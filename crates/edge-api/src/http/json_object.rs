//! A JSON object whose members are found whatever their letter case, and kept whether known or not.

use std::fmt;

use serde_json::{Map, Value};

use crate::http::decode_error::{THE_BODY, Wrong};

/// The service writes `label` or `Label`: both are read, and what is written keeps the name it had.
///
/// `Debug` shows the names only: some members carry credentials.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Object(pub(crate) Map<String, Value>);

impl Object {
    /// An object that fills the body.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Wrong> {
        Self::try_from(parse(body)?)
    }

    /// A member that is there and not null.
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

    /// A text that has to be there.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, Wrong> {
        match self.get(name) {
            None => Err(Wrong::member(name, "is missing")),
            Some(value) => value.as_str().ok_or(Wrong::member(name, "is not text")),
        }
    }

    /// These are texts where they are there.
    pub(crate) fn check_texts(&self, names: &[&'static str]) -> Result<(), Wrong> {
        self.check(names, Value::is_string, "is not text")
    }

    /// These are booleans where they are there.
    pub(crate) fn check_flags(&self, names: &[&'static str]) -> Result<(), Wrong> {
        self.check(names, Value::is_boolean, "is neither true nor false")
    }

    /// Under the name that is there, or else this one.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        let key = self.key(name).unwrap_or(name).to_owned();
        self.0.insert(key, value.into());
    }

    /// In every letter case.
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
        is_right: impl Fn(&Value) -> bool,
        wrong: &'static str,
    ) -> Result<(), Wrong> {
        let is_wrong = |name: &&&'static str| self.get(name).is_some_and(|value| !is_right(value));
        match names.iter().find(is_wrong) {
            Some(name) => Err(Wrong::member(name, wrong)),
            None => Ok(()),
        }
    }
}

impl TryFrom<Value> for Object {
    type Error = Wrong;

    fn try_from(json: Value) -> Result<Self, Wrong> {
        match json {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(Wrong::member(THE_BODY, "is not an object")),
        }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Without the byte order mark that some begin with (RFC 8259 §8.1).
pub(crate) fn unmarked(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// The JSON that fills a body.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Wrong> {
    let body = unmarked(body);
    if body.trim_ascii().is_empty() {
        return Err(Wrong::unreadable("is empty"));
    }
    serde_json::from_slice(body).map_err(|_| Wrong::unreadable("is not JSON"))
}
