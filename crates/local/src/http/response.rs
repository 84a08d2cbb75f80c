//! The responses that several parts of the server send.

use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) fn json(status: StatusCode, body: &Value) -> Response<Vec<u8>> {
    with_body(status, "application/json", body.to_string())
}

/// A problem document (RFC 9457 §3).
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

/// The response names the allowed methods (RFC 9110 §15.5.6).
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
