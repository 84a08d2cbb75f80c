//! The answer to an operation, and how little of it may be needed.

use http::{HeaderMap, Response};
use serde_json::Value;

use crate::object::{self, Object};
use crate::wrong::{THE_BODY, Wrong};

pub(crate) struct Answer<'a> {
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl<'a> Answer<'a> {
    pub(crate) fn new(response: &'a Response<impl AsRef<[u8]>>) -> Self {
        Self {
            headers: response.headers(),
            body: response.body().as_ref(),
        }
    }

    /// Older pages of the documentation have booleans for answers.
    pub(crate) fn is_false(&self) -> bool {
        self.body.trim_ascii() == b"false"
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.body.trim_ascii().is_empty()
    }

    pub(crate) fn object(&self) -> Result<Object, Wrong> {
        Object::parse(self.body)
    }

    pub(crate) fn objects(&self) -> Result<Vec<Object>, Wrong> {
        match object::parse(self.body)? {
            Value::Array(items) => items.into_iter().map(Object::try_from).collect(),
            _ => Err(Wrong::member(THE_BODY, "is not an array")),
        }
    }
}

/// For operations that bring nothing: the status said it all, so a body is not needed. But a web page
/// is nothing that the service says: something else answered in its place, and nothing was done.
pub(crate) fn done(answer: &Answer<'_>) -> Result<(), Wrong> {
    match answer.body.trim_ascii().starts_with(b"<") {
        true => Err(Wrong::member(THE_BODY, "is a web page")),
        false => Ok(()),
    }
}
