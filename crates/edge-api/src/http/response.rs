//! The response to an operation.

use http::{HeaderMap, Response, header};
use serde_json::Value;

use crate::http::decode_error::{DecodeError, THE_BODY};
use crate::http::json_object::{self, JsonObject};
use crate::http::path_segment;

/// The response to an operation, as the readers of the nouns take it.
pub(crate) struct ApiResponse<'a> {
    headers: &'a HeaderMap,
    /// The body without a byte order mark (RFC 8259 §8.1) and without white space around it.
    pub(crate) body: &'a [u8],
}

impl<'a> ApiResponse<'a> {
    pub(crate) fn new(response: &'a Response<impl AsRef<[u8]>>) -> Self {
        let body = json_object::without_byte_order_mark(response.body().as_ref());
        Self {
            headers: response.headers(),
            body: body.trim_ascii(),
        }
    }

    /// Returns whether the body is `false`: older pages of the documentation describe booleans as responses.
    pub(crate) fn is_false(&self) -> bool {
        self.body.eq_ignore_ascii_case(b"false")
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// Returns the id at the end of `Location`, after this part of its path.
    pub(crate) fn id_in_location(&self, before: &str) -> Option<String> {
        let location = self.headers.get(header::LOCATION)?.to_str().ok()?;
        let path = location.split(['?', '#']).next()?.trim_end_matches('/');
        let (_, id) = path.rsplit_once(before)?;
        path_segment::decode(id)
    }

    pub(crate) fn object(&self) -> Result<JsonObject, DecodeError> {
        JsonObject::parse(self.body)
    }

    pub(crate) fn objects(&self) -> Result<Vec<JsonObject>, DecodeError> {
        match json_object::parse(self.body)? {
            Value::Array(items) => items.into_iter().map(JsonObject::try_from).collect(),
            _ => Err(DecodeError::member(THE_BODY, "is not an array")),
        }
    }
}

/// Ignores the body. For operations without a result: the status says that the service accepted them.
pub(crate) fn ignore_body(_: &ApiResponse<'_>) -> Result<(), DecodeError> {
    Ok(())
}
