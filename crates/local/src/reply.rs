//! An answer, and the answers that every part of the server gives.

use std::fmt;
use std::time::Duration;

use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::delivery::Delivery;

/// What [`Edge::respond`](crate::Edge::respond) decided.
pub struct Reply {
    /// The response, complete but for what frames a body on the wire (`Content-Length`).
    pub response: Response<Vec<u8>>,
    /// How long to keep the response back. Zero unless a [`Fault`](crate::Fault) says otherwise.
    pub delay: Duration,
    /// The webhooks to run because of the request, at once and beside the response: whoever sends
    /// one says by [`Edge::delivered`](crate::Edge::delivered) what became of it.
    pub deliveries: Vec<Delivery>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.response.status())
            .field("body", &format_args!("[{}]", self.response.body().len()))
            .field("delay", &self.delay)
            .field("deliveries", &self.deliveries)
            .finish()
    }
}

pub(crate) fn json(status: StatusCode, body: &Value) -> Response<Vec<u8>> {
    with_body(status, "application/json", body.to_string())
}

/// RFC 9457 §3.
pub(crate) fn problem(status: StatusCode, body: &Value) -> Response<Vec<u8>> {
    with_body(status, "application/problem+json", body.to_string())
}

pub(crate) fn text(status: StatusCode, body: String) -> Response<Vec<u8>> {
    with_body(status, "text/plain", body)
}

pub(crate) fn empty(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}

pub(crate) fn not_found() -> Response<Vec<u8>> {
    json(StatusCode::NOT_FOUND, &json!({ "error": "not_found" }))
}

/// RFC 9110 §15.5.6: the answer names the methods that would have been allowed.
pub(crate) fn method_not_allowed(allowed: &'static str) -> Response<Vec<u8>> {
    let body = json!({ "error": "method_not_allowed" });
    let mut response = json(StatusCode::METHOD_NOT_ALLOWED, &body);
    let allowed = HeaderValue::from_static(allowed);
    response.headers_mut().insert(ALLOW, allowed);
    response
}

pub(crate) fn body_too_large() -> Response<Vec<u8>> {
    let body = json!({ "error": "content_too_large" });
    json(StatusCode::PAYLOAD_TOO_LARGE, &body)
}

fn with_body(status: StatusCode, media_type: &'static str, body: String) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static(media_type);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}
