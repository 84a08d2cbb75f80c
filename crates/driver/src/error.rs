//! The error of a call of a protected API.

use std::fmt;

use edge_oauth_no_io::{ApiError, Culprit, RetryAfter, TokenError, TransportError};
use http::StatusCode;

/// The reason that [`call`](crate::blocking::TokenSource::call) brought no result, or
/// [`send`](crate::blocking::TokenSource::send) no response. To `send`, a response with an error status is
/// a response.
///
/// ```
/// use edge_oauth_driver::CallError;
/// use edge_oauth_driver::blocking::TokenSource;
/// use edge_oauth_driver::testing::ScriptedTransport;
/// use edge_oauth_no_io::{Config, Secret};
///
/// let transport = ScriptedTransport::new(|_| Ok(http::Response::new(r#"{"access_token":"abc"}"#.into())));
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let source = TokenSource::new(transport, config);
/// let in_clear = http::Request::get("http://api.example/things").body("")?;
/// assert_eq!(source.send(&in_clear).unwrap_err(), CallError::UrlNotAllowed);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError {
    /// There was no token to send the request with, or none in the place of one that the API rejected.
    Token(TokenError),
    /// The request had no response.
    Transport(TransportError),
    /// The API's response is an error, or cannot be read. Only `call` reads responses.
    Api(ApiError),
    /// A token may not go to the request's URL: it is neither `https` nor the loopback (RFC 6750 §5.3), or its host is
    /// not one that the provider allows. Nothing was sent. `Provider::origin` allows another host.
    UrlNotAllowed,
}

impl CallError {
    /// Returns who has to act. `Server` means the token server or the API.
    pub fn culprit(&self) -> Culprit {
        match self {
            Self::Token(error) => error.culprit(),
            Self::Transport(error) => error.culprit(),
            Self::Api(error) => error.culprit(),
            Self::UrlNotAllowed => Culprit::Config,
        }
    }

    /// Returns whether the same call may succeed later without a change on our side. The call may have taken effect all
    /// the same: check that before you repeat a call that creates something.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Token(error) => error.is_transient(),
            Self::Transport(error) => error.is_transient(),
            Self::Api(error) => error.is_transient(),
            Self::UrlNotAllowed => false,
        }
    }

    /// Returns the status of the response that was an error, the token endpoint's or the API's.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Token(error) => error.status(),
            Self::Api(error) => Some(error.status()),
            Self::Transport(_) | Self::UrlNotAllowed => None,
        }
    }

    /// Returns the server's words about the error.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Token(error) => error.description(),
            Self::Api(error) => error.message(),
            Self::Transport(_) | Self::UrlNotAllowed => None,
        }
    }

    /// Returns the earliest time of the next attempt; `None` if the server named no time.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Self::Token(error) => error.retry_after(),
            Self::Api(error) => error.retry_after(),
            Self::Transport(_) | Self::UrlNotAllowed => None,
        }
    }

    /// Returns what to do about the error; `None` if that is not known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Token(error) => error.hint(),
            Self::Api(error) => error.hint(),
            Self::Transport(_) | Self::UrlNotAllowed => None,
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(error) => write!(f, "no token: {error}"),
            Self::Transport(error) => error.fmt(f),
            Self::Api(error) => error.fmt(f),
            Self::UrlNotAllowed => f.write_str(
                "a token may not be sent to this URL: it has to be https or the loopback, and of an origin that the \
                 provider allows (Provider::origin)",
            ),
        }
    }
}

/// The variants' own messages are in this error's message, and so the `source` is what lies below them.
impl std::error::Error for CallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Token(error) => error.source(),
            Self::Transport(error) => error.source(),
            Self::Api(error) => error.source(),
            Self::UrlNotAllowed => None,
        }
    }
}

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

impl From<ApiError> for CallError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}
