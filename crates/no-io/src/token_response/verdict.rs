//! The meaning of an outcome for the other clients of an endpoint.

use crate::token::AccessToken;
use crate::token_response::error::{ErrorResponse, TokenError};
use crate::transport::error_kind::TransportErrorKind;

pub(crate) enum Verdict<'a> {
    /// The endpoint works, even if this client gets no token.
    Responds,
    /// Other clients would get this error too.
    Fails(&'a TokenError),
    Unknown,
}

pub(crate) fn verdict(outcome: &Result<AccessToken, TokenError>) -> Verdict<'_> {
    let error = match outcome {
        Ok(_) => return Verdict::Responds,
        Err(error) => error,
    };
    let fails = match error {
        TokenError::ErrorResponse(response) => {
            response.transient || response.status.is_server_error()
        }
        TokenError::Redirect(_) => false,
        TokenError::Malformed(malformed) => malformed.is_transient(),
        TokenError::Transport(error) if error.kind() != TransportErrorKind::ClientCertificate => {
            true
        }
        TokenError::Transport(_) | TokenError::Credential(_) => return Verdict::Unknown,
    };
    match fails {
        true => Verdict::Fails(error),
        false => Verdict::Responds,
    }
}

impl TokenError {
    /// Returns this error without the server's words, which may be about the client that got them.
    pub(crate) fn for_another_client(&self) -> Self {
        match self {
            Self::ErrorResponse(response) => Self::ErrorResponse(ErrorResponse {
                description: Some(TO_ANOTHER.to_owned()),
                ..response.clone()
            }),
            other => other.clone(),
        }
    }
}

const TO_ANOTHER: &str = "this was the response to another client of this process";
