//! The responses that several parts of the server send.

use http::header::{ALLOW, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) fn json(status: StatusCode, body: &Value) -> Response<Vec<u8>> {
    with_body(status, "application/json", body.to_string())
}

/// The `location` is a reference, relative to the URL of the request (RFC 9110 §10.2.2).
pub(crate) fn created(location: &str, body: &Value) -> Response<Vec<u8>> {
    let mut response = json(StatusCode::CREATED, body);
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
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
    error(StatusCode::NOT_FOUND, "not_found", NO_SUCH_PATH)
}

/// The response names the allowed methods (RFC 9110 §15.5.6).
pub(crate) fn method_not_allowed(allowed: &'static str) -> Response<Vec<u8>> {
    let message = format!("The method of this path has to be one of: {allowed}");
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut response = error(status, "method_not_allowed", &message);
    let allowed = HeaderValue::from_static(allowed);
    response.headers_mut().insert(ALLOW, allowed);
    response
}

pub(crate) fn body_too_large() -> Response<Vec<u8>> {
    let message = format!("The body has more than {MAX_BODY} bytes");
    let status = StatusCode::PAYLOAD_TOO_LARGE;
    error(status, "content_too_large", &message)
}

pub(crate) fn late_body() -> Response<Vec<u8>> {
    let message = "The body did not end in time: compare its length with Content-Length";
    error(StatusCode::REQUEST_TIMEOUT, "request_timeout", message)
}

/// A web page that resolves its own name to the loopback gets this response (DNS rebinding).
pub(crate) fn misdirected() -> Response<Vec<u8>> {
    let message = "The Host header has to name the loopback, such as 127.0.0.1 or localhost";
    let status = StatusCode::MISDIRECTED_REQUEST;
    error(status, "misdirected_request", message)
}

fn error(status: StatusCode, code: &str, message: &str) -> Response<Vec<u8>> {
    json(status, &json!({ "error": code, "message": message }))
}

fn with_body(status: StatusCode, media_type: &'static str, body: String) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into_bytes());
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static(media_type);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

/// The largest request body that is read, in bytes. A larger one gets a 413.
pub const MAX_BODY: usize = 1024 * 1024;

const NO_SUCH_PATH: &str = "There is no such path: tokens are at /oauth/token, and the APIs below /api/admin/v1/, \
     /api/apikey/v1 and /authoring/publishing/v1/jobs";
