//! Error responses of a protected API.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, Response, StatusCode};
use ring::digest;
use serde_json::json;

use crate::api::generator;
use crate::http::response;

/// An error of an accepted request. Its text repeats no value of the request.
#[derive(Debug)]
pub(crate) enum ApiError {
    UnknownPath,
    /// An unknown id or key.
    NotFound(&'static str),
    /// The allowed methods.
    MethodNotAllowed(&'static str),
    /// The expected media type.
    UnsupportedMediaType(&'static str),
    MissingScope(&'static str),
    /// The body as a whole is malformed.
    InvalidBody(&'static str),
    InvalidField {
        name: String,
        reason: &'static str,
    },
    /// A problem document of the Publishing API.
    Problem(Problem),
}

/// A problem document (RFC 9457 §3) without a field that is wrong.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    /// The method and the path. They have an id that the API knows.
    instance: Option<String>,
}

impl Problem {
    pub(crate) fn bad_request(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(crate) fn conflict(detail: &str, instance: String) -> Self {
        Self {
            instance: Some(instance),
            ..Self::new(StatusCode::CONFLICT, detail)
        }
    }

    pub(crate) fn server_error() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "An unexpected error occurred.",
        )
    }

    fn new(status: StatusCode, detail: &str) -> Self {
        Self {
            status,
            detail: detail.to_owned(),
            instance: None,
        }
    }

    fn to_response(&self) -> Response<Vec<u8>> {
        let title = self.status.canonical_reason().unwrap_or_default();
        let name = title.to_ascii_lowercase().replace(' ', "-");
        let code = self.status.as_u16();
        let mut problem = json!({
            "type": format!(
                "https://datatracker.ietf.org/doc/html/rfc9110#name-{code}-{name}"
            ),
            "title": title,
            "status": code,
            "detail": self.detail,
        });
        if let Some(instance) = &self.instance {
            let digest = digest::digest(&digest::SHA256, instance.as_bytes());
            let trace = generator::hex(&digest.as_ref()[..16]);
            problem["instance"] = json!(instance);
            problem["traceId"] = json!(trace);
        }
        response::problem(self.status, &problem)
    }
}

impl ApiError {
    /// One member, header or parameter is wrong.
    pub(crate) fn invalid_field(name: impl Into<String>, reason: &'static str) -> Self {
        Self::InvalidField {
            name: name.into(),
            reason,
        }
    }

    pub(crate) fn to_response(&self) -> Response<Vec<u8>> {
        let (status, message) = match self {
            Self::UnknownPath => return response::not_found(),
            Self::MethodNotAllowed(allowed) => return response::method_not_allowed(allowed),
            Self::InvalidField { name, reason } => return invalid(name, reason),
            Self::Problem(problem) => return problem.to_response(),
            Self::NotFound(kind) => (StatusCode::NOT_FOUND, format!("There is no such {kind}")),
            Self::UnsupportedMediaType(expected) => {
                let message = format!("The Content-Type has to be {expected}");
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
            }
            Self::MissingScope(scope) => {
                let message = format!("The token lacks the scope {scope}");
                (StatusCode::FORBIDDEN, message)
            }
            Self::InvalidBody(message) => (StatusCode::BAD_REQUEST, (*message).to_owned()),
        };
        let mut response = response::json(status, &json!({ "message": message }));
        if let Self::MissingScope(scope) = self {
            // The challenge may name the required scope (RFC 6750 §3.1).
            let value = format!("{INSUFFICIENT_SCOPE}, scope=\"{scope}\"");
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(WWW_AUTHENTICATE, value);
            }
        }
        response
    }
}

/// RFC 9457 §3, with the extension `errors`, in which ASP.NET names the wrong members.
fn invalid(name: &str, reason: &str) -> Response<Vec<u8>> {
    let problem = json!({
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": { name: [reason] },
    });
    response::problem(StatusCode::BAD_REQUEST, &problem)
}

const INSUFFICIENT_SCOPE: &str = "Bearer realm=\"local\", error=\"insufficient_scope\"";
