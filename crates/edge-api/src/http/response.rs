//! The answer to an operation, and how little of it may be needed.

use http::{HeaderMap, Response, header};
use serde_json::Value;

use crate::http::decode_error::{THE_BODY, Wrong};
use crate::http::json_object::{self, Object};

pub(crate) struct Answer<'a> {
    pub(crate) headers: &'a HeaderMap,
    /// Without a byte order mark (RFC 8259 §8.1) and white space around it.
    pub(crate) body: &'a [u8],
}

impl<'a> Answer<'a> {
    pub(crate) fn new(response: &'a Response<impl AsRef<[u8]>>) -> Self {
        Self {
            headers: response.headers(),
            body: json_object::unmarked(response.body().as_ref()).trim_ascii(),
        }
    }

    /// Older pages of the documentation have booleans for answers.
    pub(crate) fn is_false(&self) -> bool {
        self.body.eq_ignore_ascii_case(b"false")
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// Whether it is nothing that the service says: something else answered in its place, and nothing
    /// was done. The body decides: it begins like a web page, or is called one and is not JSON.
    pub(crate) fn is_page(&self) -> bool {
        let is_json = || serde_json::from_slice::<Value>(self.body).is_ok();
        match self.body.first() {
            None => false,
            Some(b'<') => true,
            Some(_) => self.is_called_html() && !is_json(),
        }
    }

    pub(crate) fn object(&self) -> Result<Object, Wrong> {
        Object::parse(self.body)
    }

    pub(crate) fn objects(&self) -> Result<Vec<Object>, Wrong> {
        match json_object::parse(self.body)? {
            Value::Array(items) => items.into_iter().map(Object::try_from).collect(),
            _ => Err(Wrong::member(THE_BODY, "is not an array")),
        }
    }

    fn is_called_html(&self) -> bool {
        let content_type = self.headers.get(header::CONTENT_TYPE);
        let start = content_type.and_then(|value| value.as_bytes().get(..HTML.len()));
        start.is_some_and(|start| start.eq_ignore_ascii_case(HTML))
    }
}

/// For operations that bring nothing: the status said it all, so a body is not needed.
pub(crate) fn done(_: &Answer<'_>) -> Result<(), Wrong> {
    Ok(())
}

const HTML: &[u8] = b"text/html";
