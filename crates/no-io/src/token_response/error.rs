//! Errors of a token request.

use std::borrow::Cow;
use std::fmt;

use http::StatusCode;

use crate::client_auth::credential::CredentialError;
use crate::culprit::Culprit;
use crate::rate_limits::retry_after::RetryAfter;
use crate::token_response::malformed::Malformed;
use crate::transport::error::TransportError;
use crate::transport::error_kind::TransportErrorKind;

/// An error of a token request: there is no token.
///
/// It is cheap to clone for every caller that waits, and safe to print: text of the server is printable and cut, and a
/// note takes its place if it repeats a credential, an extra parameter or the endpoint's query.
///
/// ```
/// use edge_oauth_no_io::{Config, Culprit, Secret, TokenError, token_response};
///
/// let config = Config::builder("https://login.example/token", "my-client").client_secret(Secret::new("s3cret")).build()?;
/// let response = http::Response::builder()
///     .status(429)
///     .header("retry-after", "7")
///     .body(r#"{"message":"Slow down"}"#)?;
/// let error: TokenError = token_response(&config, &response).unwrap_err();
/// assert_eq!(error.to_string(), "the token endpoint responded with status 429: Slow down");
/// assert_eq!(error.culprit(), Culprit::Server);
/// assert!(error.is_transient() && error.retry_after().is_some());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// The server, or something in front of it, sent an error (RFC 6749 §5.2).
    ErrorResponse(ErrorResponse),
    /// The response redirects to another URL. A redirect is not followed, so that no credential reaches a second host.
    Redirect(Redirect),
    /// The response is a success that contains no readable token.
    Malformed(Malformed),
    /// A signature or an assertion for the request could not be supplied.
    Credential(CredentialError),
    /// There was no response.
    Transport(TransportError),
}

impl TokenError {
    /// Returns who has to act.
    pub fn culprit(&self) -> Culprit {
        match self {
            Self::ErrorResponse(response) => response.culprit,
            Self::Redirect(_) | Self::Credential(_) => Culprit::Config,
            Self::Malformed(_) => Culprit::Server,
            Self::Transport(error) => error.culprit(),
        }
    }

    /// Returns whether the same request may succeed later without a change on our side.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::ErrorResponse(response) => response.is_transient,
            Self::Redirect(_) => false,
            Self::Malformed(malformed) => malformed.is_transient(),
            Self::Credential(error) => error.is_transient(),
            Self::Transport(error) => error.is_transient(),
        }
    }

    /// Returns the status of the response; `None` if there was no response.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::ErrorResponse(response) => Some(response.status),
            Self::Redirect(redirect) => Some(redirect.status),
            Self::Malformed(malformed) => Some(malformed.status),
            Self::Credential(_) | Self::Transport(_) => None,
        }
    }

    /// Returns the error code of the response, such as `invalid_client` (RFC 6749 §5.2).
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::ErrorResponse(response) => response.code.as_deref(),
            _ => None,
        }
    }

    /// Returns the server's words about the error.
    pub fn description(&self) -> Option<&str> {
        match self {
            Self::ErrorResponse(response) => response.description.as_deref(),
            _ => None,
        }
    }

    /// Returns the earliest time of the next attempt; `None` if the server named no time.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Self::ErrorResponse(response) => response.retry_after,
            _ => None,
        }
    }

    /// Returns what to do about the error; `None` if that is not known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::ErrorResponse(response) => response.hint,
            Self::Redirect(_) => Some(CHECK_ENDPOINT),
            Self::Malformed(malformed) => malformed.hint(),
            Self::Credential(_) => None,
            Self::Transport(error) => match error.kind() {
                TransportErrorKind::Certificate => Some(CERTIFICATE),
                TransportErrorKind::Resolve => Some(RESOLVE),
                TransportErrorKind::Redirect => Some(CHECK_ENDPOINT),
                _ => None,
            },
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ErrorResponse(response) => response.fmt(f),
            Self::Redirect(redirect) => redirect.fmt(f),
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::Credential(error) => error.fmt(f),
            Self::Transport(error) => error.fmt(f),
        }
    }
}

/// The message of a variant is already this error's message, so `source` is the variant's own source.
impl std::error::Error for TokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Credential(error) => error.source(),
            Self::Transport(error) => error.source(),
            _ => None,
        }
    }
}

impl From<TransportError> for TokenError {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

impl From<CredentialError> for TokenError {
    fn from(error: CredentialError) -> Self {
        Self::Credential(error)
    }
}

/// An error response of the token endpoint (RFC 6749 §5.2), or of something in front of it.
///
/// ```
/// use edge_oauth_no_io::{Config, Secret, TokenError, token_response};
///
/// let config = Config::builder("https://login.example/token", "my-client").client_secret(Secret::new("s3cret")).build()?;
/// let response = http::Response::builder().status(400).body(
///     r#"{"errorCode":"invalid_client","errorSummary":"A client_id must be provided"}"#,
/// )?;
/// let Err(TokenError::ErrorResponse(response)) = token_response(&config, &response) else {
///     unreachable!("a 400 is an error response")
/// };
/// assert_eq!(response.code.as_deref(), Some("invalid_client"));
/// assert_eq!(response.description.as_deref(), Some("A client_id must be provided"));
/// assert!(!response.is_transient);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorResponse {
    /// The HTTP status.
    pub status: StatusCode,
    /// The error code; `None` if the response has none, such as that of a proxy. Borrowed if a standard defines it.
    pub code: Option<Cow<'static, str>>,
    /// The server's words.
    pub description: Option<String>,
    /// The earliest time of the next attempt.
    pub retry_after: Option<RetryAfter>,
    /// True if the same request may succeed later.
    pub is_transient: bool,
    /// The party that has to act.
    pub culprit: Culprit,
    /// Advice on the error.
    pub hint: Option<&'static str>,
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.as_u16();
        write!(f, "the token endpoint responded with status {status}")?;
        let parts = [self.code.as_deref(), self.description.as_deref()];
        for part in parts.into_iter().flatten() {
            write!(f, ": {part}")?;
        }
        Ok(())
    }
}

/// A response that redirects to another URL (RFC 9110 §15.4).
///
/// ```
/// use edge_oauth_no_io::{Config, Secret, TokenError, token_response};
///
/// let config = Config::builder("https://login.example/token", "my-client").client_secret(Secret::new("s3cret")).build()?;
/// let response = http::Response::builder()
///     .status(302)
///     .header("location", "https://elsewhere.example/token?x=y")
///     .body("")?;
/// let Err(TokenError::Redirect(redirect)) = token_response(&config, &response) else {
///     unreachable!("a 302 is a redirect")
/// };
/// assert_eq!(redirect.host.as_deref(), Some("elsewhere.example"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redirect {
    /// The HTTP status.
    pub status: StatusCode,
    /// The host of the other URL; `None` if `Location` names no host, as within the same host.
    pub host: Option<String>,
}

impl fmt::Display for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.as_u16();
        write!(
            f,
            "the token endpoint responded with a redirect, status {status}"
        )?;
        match &self.host {
            Some(host) => write!(f, ", to {host}"),
            None => Ok(()),
        }
    }
}

/// The hint for a response that does not come from a token endpoint.
pub(crate) const CHECK_ENDPOINT: &str =
    "check the token endpoint's URL: nothing there takes a token request";

const CERTIFICATE: &str = "check the clock of this machine and the host of the token endpoint; where a proxy of your network \
     opens TLS, trust its certificate authority in the HTTP client";
const RESOLVE: &str = "check the host of the token endpoint, and this machine's DNS";
