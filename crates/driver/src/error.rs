//! Why a call of a protected API had no answer.

use std::fmt;

use edge_oauth_no_io::{TokenError, TransportError};

/// Why [`send`](crate::blocking::TokenSource::send) had no answer to give. An answer with an error
/// status is an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError {
    /// There was no token to send the request with.
    Token(TokenError),
    /// The request had no answer.
    Transport(TransportError),
    /// The request's URL is neither `https` nor the loopback, so it would show the token to the
    /// network (RFC 6750 §5.3). Nothing was sent.
    InsecureUrl,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => write!(f, "no token: {error}"),
            Self::Transport(error) => error.fmt(f),
            Self::InsecureUrl => f.write_str("a token is sent to https or to the loopback only"),
        }
    }
}

impl std::error::Error for CallError {}

impl From<TokenError> for CallError {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

impl From<TransportError> for CallError {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}
