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
        let body = json!({
            "error": self.code(),
            "error_description": self.description(),
        });
        let mut response = response::json(self.status(), &body);
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

    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRequest(_) | Self::UnsupportedGrantType => StatusCode::BAD_REQUEST,
            Self::WrongCredentials { .. } | Self::InvalidAssertion(_) => StatusCode::UNAUTHORIZED,
            Self::MissingAudience
            | Self::UnknownAudience(_)
            | Self::GrantTypeNotAllowed
            | Self::MissingGrant { .. }
            | Self::ScopesNotGranted(_) => StatusCode::FORBIDDEN,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            // An invalid assertion is `invalid_client` (RFC 7521 §4.2.1).
            Self::InvalidAssertion(_) => "invalid_client",
            Self::WrongCredentials { .. }
            | Self::MissingAudience
            | Self::UnknownAudience(_)
            | Self::MissingGrant { .. }
            | Self::ScopesNotGranted(_) => "access_denied",
            Self::GrantTypeNotAllowed => "unauthorized_client",
            Self::TooManyRequests { .. } => "too_many_requests",
        }
    }

    fn description(&self) -> String {
        match self {
            Self::InvalidRequest(message) => message.to_string(),
            Self::UnsupportedGrantType => "Only client_credentials is served here".to_owned(),
            Self::WrongCredentials { .. } => "Unauthorized".to_owned(),
            Self::InvalidAssertion(error) => error.to_string(),
            Self::MissingAudience => {
                "Non-global clients are not allowed access to APIv1".to_owned()
            }
            Self::UnknownAudience(audience) => {
                format!("Service not enabled within domain: {audience}")
            }
            Self::GrantTypeNotAllowed => {
                "Grant type 'client_credentials' not allowed for the client.".to_owned()
            }
            Self::MissingGrant { client, audience } => format!(
                "Client \"{client}\" is not authorized to access resource server \"{audience}\"."
            ),
            Self::ScopesNotGranted(scopes) => {
                format!("Client has not been granted scopes: {scopes}")
            }
            Self::TooManyRequests { .. } => "Too many requests".to_owned(),
        }
    }
}
