//! The meaning of an outcome for the other clients of an endpoint.

use std::time::Duration;

use crate::rate_limits::retry_after::RetryAfter;
use crate::token::AccessToken;
use crate::token_response::error::{ErrorResponse, TokenError};
use crate::token_response::failure::is_standard;
use crate::transport::error_kind::TransportErrorKind;

pub(crate) enum Verdict<'a> {
    /// The endpoint works, even if this client gets no token.
    Responds,
    /// Other clients would get this error too.
    Fails(&'a TokenError),
    /// It fails for this client: RFC 6585 §4 leaves open whom a server counts.
    FailsForClient(&'a TokenError),
    Unknown,
}

pub(crate) fn verdict(outcome: &Result<AccessToken, TokenError>) -> Verdict<'_> {
    let error = match outcome {
        Ok(_) => return Verdict::Responds,
        Err(error) => error,
    };
    match error {
        // fault: limit-of-one-client-holds-others-back
        TokenError::ErrorResponse(response)
            if response.is_transient && response.status.is_client_error() =>
        {
            Verdict::FailsForClient(error)
        }
        TokenError::Transport(error) if error.kind() == TransportErrorKind::Redirect => {
            Verdict::Responds
        }
        TokenError::Credential(_) => Verdict::Unknown,
        _ if error.is_transient() => Verdict::Fails(error),
        // Each client may have a transport of its own: its TLS, its proxy.
        TokenError::Transport(_) => Verdict::Unknown,
        TokenError::ErrorResponse(_) | TokenError::Redirect(_) | TokenError::Malformed(_) => {
            Verdict::Responds
        }
    }
}

impl TokenError {
    /// Returns this error for a source whose latest error is this one or another. The wait is the time until the next turn:
    /// a server names another one to the client that it limits. The server's words may be about the source that got them,
    /// and so a source gets those of its own response alone.
    pub(crate) fn for_held_source(&self, latest: Option<&Self>, left: Duration) -> Self {
        let Self::ErrorResponse(response) = self else {
            return self.clone();
        };
        let mut response = response.clone();
        response.retry_after = response.retry_after.and(RetryAfter::after(left));
        let is_own = matches!(latest, Some(Self::ErrorResponse(own)) if own.says_as(&response));
        if !is_own {
            response.code = response.code.filter(|code| is_standard(code));
            response.description = Some(TO_ANOTHER.to_owned());
        }
        Self::ErrorResponse(response)
    }
}

impl ErrorResponse {
    fn says_as(&self, other: &Self) -> bool {
        self.status == other.status
            && self.code == other.code
            && self.description == other.description
    }
}

const TO_ANOTHER: &str = "this was the response to another token source of this process";
