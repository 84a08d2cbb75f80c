//! Values and helpers of several tests.

use edge_oauth_no_io::{ApiError, Operation, Secret, SecretBytes};
use experience_edge_api::{ExperienceEdge, KeyHash};
use http::{Request, Response, StatusCode};

pub(crate) const HASH: &str = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";

pub(crate) const KEY: &str = "UFp5c0dJQmF2Y2s9fGV4YW1wbGU=";

/// A key as in responses of the real service.
pub(crate) const KEY_JSON: &str = r#"{"tenantId":"acme","hash":"8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4","isRevoked":false,"label":"www","scopes":["audience-delivery","content-#everything#"],"createdBy":"ci","created":"2026-01-02T03:04:05.1234567Z"}"#;

pub(crate) const WEBHOOK_JSON: &str = r#"{"id":"7","tenantId":"acme","label":"Revalidate","uri":"https://www.example.com/hook","method":"POST","headers":{"x-key":"h3ader"},"body":"","bodyInclude":null,"createdBy":"ci","created":"2026-01-02T03:04:05Z","executionMode":"OnEnd","disabled":false,"lastRuns":[{"timestamp":"2026-01-03T00:00:00Z","success":false,"message":"503"}]}"#;

pub(crate) fn edge() -> ExperienceEdge {
    ExperienceEdge::new()
}

pub(crate) fn hash() -> KeyHash {
    HASH.parse().unwrap()
}

pub(crate) fn key() -> Secret {
    Secret::new(KEY)
}

/// Returns the request as text: request line, headers sorted by name, and body.
pub(crate) fn sent(operation: &impl Operation) -> String {
    let request: Request<SecretBytes> = operation.request();
    let mut headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()))
        .collect();
    headers.sort();
    format!(
        "{} {}\n{}\n{}",
        request.method(),
        request.uri(),
        headers.concat(),
        std::str::from_utf8(request.body().as_ref()).unwrap()
    )
}

pub(crate) fn response(status: u16, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

pub(crate) fn parsed<O: Operation>(operation: &O, body: &str) -> Result<O::Output, ApiError> {
    operation.parse(&response(200, body))
}
