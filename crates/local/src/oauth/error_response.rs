//! The error responses of the token endpoint.

use std::borrow::Cow;

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::http::response;
use crate::oauth::assertion::error::AssertionError;

/// A reason for an error response. Each is a row of the table of errors.
pub(crate) enum ErrorResponse {
    InvalidRequest(Cow<'static, str>),
    UnsupportedGrantType,
    WrongCredentials {
        basic: bool,
    },
    InvalidAssertion(AssertionError),
    MissingAudience,
    UnknownAudience(String),
    GrantTypeNotAllowed,
    MissingGrant {
        client: String,
        audience: String,
    },
    /// The scopes that the client does not have.
    ScopesNotGranted(String),
    TooManyRequests {
        retry_after: u64,
    },
}

impl ErrorResponse {
    pub(crate) fn to_response(&self) -> Response<Vec<u8>> {
        let (status, code, description) = self.row();
        let body = json!({ "error": code, "error_description": description });
        let mut response = response::json(status, &body);
        let headers = response.headers_mut();
        match self {
            // A client that used the `Authorization` header gets a challenge (RFC 6749 §5.2).
            Self::WrongCredentials { basic: true } => {
                let challenge = HeaderValue::from_static("Basic realm=\"local\"");
                headers.insert(WWW_AUTHENTICATE, challenge);
            }
            Self::TooManyRequests { retry_after } => {
                headers.insert(RETRY_AFTER, HeaderValue::from(*retry_after));
            }
            _ => {}
        }
        response
    }

    fn row(&self) -> (StatusCode, &'static str, String) {
        let bad_request = StatusCode::BAD_REQUEST;
        let denied = |description| (StatusCode::FORBIDDEN, "access_denied", description);
        match self {
            Self::InvalidRequest(message) => (bad_request, "invalid_request", message.to_string()),
            Self::UnsupportedGrantType => {
                let description = "Only client_credentials is served here".to_owned();
                (bad_request, "unsupported_grant_type", description)
            }
            Self::WrongCredentials { .. } => (
                StatusCode::UNAUTHORIZED,
                "access_denied",
                "Unauthorized".to_owned(),
            ),
            // An invalid assertion is `invalid_client` (RFC 7521 §4.2.1).
            Self::InvalidAssertion(error) => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                error.to_string(),
            ),
            Self::MissingAudience => {
                denied("Non-global clients are not allowed access to APIv1".to_owned())
            }
            Self::UnknownAudience(audience) => {
                denied(format!("Service not enabled within domain: {audience}"))
            }
            Self::MissingGrant { client, audience } => denied(format!(
                "Client \"{client}\" is not authorized to access resource server \"{audience}\"."
            )),
            Self::ScopesNotGranted(scopes) => {
                denied(format!("Client has not been granted scopes: {scopes}"))
            }
            Self::GrantTypeNotAllowed => {
                let description = "Grant type 'client_credentials' not allowed for the client.";
                (
                    StatusCode::FORBIDDEN,
                    "unauthorized_client",
                    description.to_owned(),
                )
            }
            Self::TooManyRequests { .. } => {
                let description = "Too many requests".to_owned();
                (
                    StatusCode::TOO_MANY_REQUESTS,
                    "too_many_requests",
                    description,
                )
            }
        }
    }
}
