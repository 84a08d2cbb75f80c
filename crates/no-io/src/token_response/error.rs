//! Why there is no token.

use std::fmt;

use http::StatusCode;

use crate::culprit::Culprit;
use crate::rate_limits::RetryAfter;
use crate::transport::error::{TransportError, TransportErrorKind};

/// Why a token request gave no token.
///
/// Plain data: cheap enough to clone for every caller that waits, and safe to print. All text that
/// came from the server is printable and cut, and where the server echoes the client secret in a form in which
/// it was sent, it is taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// The server, or something before it, answered with an error.
    ErrorResponse(ErrorResponse),
    /// The answer points elsewhere. It is not followed: the secret reaches no second host.
    Redirect(Redirect),
    /// The answer should be a token, and cannot be read as one.
    Malformed(Malformed),
    /// There was no answer.
    Transport(TransportError),
}

impl TokenError {
    /// Who has to act.
    pub fn culprit(&self) -> Culprit {
        match self {
            Self::ErrorResponse(refusal) => refusal.culprit,
            Self::Redirect(_) => Culprit::Config,
            Self::Malformed(_) => Culprit::Server,
            Self::Transport(error) => error.culprit(),
        }
    }

    /// Whether the same request may succeed later, with nothing changed on our side.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::ErrorResponse(refusal) => refusal.transient,
            Self::Redirect(_) => false,
            Self::Malformed(malformed) => malformed.is_transient(),
            Self::Transport(error) => error.is_transient(),
        }
    }

    /// The status of the answer, where there was one.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::ErrorResponse(refusal) => Some(refusal.status),
            Self::Redirect(redirect) => Some(redirect.status),
            Self::Malformed(malformed) => Some(malformed.status),
            Self::Transport(_) => None,
        }
    }

    /// The OAuth error code, such as `invalid_client` (RFC 6749 §5.2).
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::ErrorResponse(refusal) => refusal.code.as_deref(),
            _ => None,
        }
    }

    /// What the server says about it in words.
    pub fn description(&self) -> Option<&str> {
        match self {
            Self::ErrorResponse(refusal) => refusal.description.as_deref(),
            _ => None,
        }
    }

    /// The earliest time of the next attempt, where the server gave one.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Self::ErrorResponse(refusal) => refusal.retry_after,
            _ => None,
        }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::ErrorResponse(refusal) => refusal.hint,
            Self::Redirect(_) => Some(CHECK_ENDPOINT),
            Self::Malformed(malformed) if malformed.is_transient() => Some(
                "something other than a token server may have answered: look for a captive portal \
                 or a proxy, and check the token endpoint's URL",
            ),
            Self::Malformed(_) => None,
            Self::Transport(error) => match error.kind() {
                TransportErrorKind::Certificate => Some(
                    "check the clock of this machine and the host of the token endpoint; where a \
                     proxy of your network opens TLS, trust its certificate authority in the HTTP client",
                ),
                TransportErrorKind::Resolve => {
                    Some("check the host of the token endpoint, and this machine's DNS")
                }
                _ => None,
            },
        }
    }
}

/// What to do where the answer does not come from a token endpoint.
pub(crate) const CHECK_ENDPOINT: &str =
    "check the token endpoint's URL: nothing there takes a token request";

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ErrorResponse(refusal) => refusal.fmt(f),
            Self::Redirect(redirect) => redirect.fmt(f),
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::Transport(error) => error.fmt(f),
        }
    }
}

/// The variants' own messages are already this error's message, and so the `source` is what lies below.
impl std::error::Error for TokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => error.source(),
            Self::ErrorResponse(_) | Self::Redirect(_) | Self::Malformed(_) => None,
        }
    }
}

impl From<TransportError> for TokenError {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

/// An answer that says no.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorResponse {
    /// The HTTP status.
    pub status: StatusCode,
    /// The OAuth error code; `None` where the answer has none, as from a proxy.
    pub code: Option<String>,
    /// The server's words.
    pub description: Option<String>,
    /// The earliest time of the next attempt.
    pub retry_after: Option<RetryAfter>,
    /// Whether the same request may succeed later.
    pub transient: bool,
    /// Who has to act.
    pub culprit: Culprit,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the token endpoint answered with status {}",
            self.status.as_u16()
        )?;
        for part in [&self.code, &self.description].into_iter().flatten() {
            write!(f, ": {part}")?;
        }
        Ok(())
    }
}

/// An answer that points elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Redirect {
    /// The HTTP status.
    pub status: StatusCode,
    /// The host that it points to; `None` where it stays on the same one or names none.
    pub host: Option<String>,
}

impl fmt::Display for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the token endpoint answered with a redirect, status {}",
            self.status.as_u16()
        )?;
        match &self.host {
            Some(host) => write!(f, ", to {host}"),
            None => Ok(()),
        }
    }
}

/// A success that cannot be read. The body is never part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Malformed {
    /// The HTTP status.
    pub status: StatusCode,
    /// The `Content-Type`, printable and cut.
    pub content_type: Option<String>,
    /// What is wrong.
    pub reason: MalformedReason,
}

impl Malformed {
    /// A body that is not an answer at all may come from elsewhere and be gone the next time. A member
    /// with a wrong value is what this server says, and will say again.
    pub fn is_transient(&self) -> bool {
        match self.reason {
            MalformedReason::Empty | MalformedReason::TooLarge | MalformedReason::Syntax => true,
            MalformedReason::Member { .. } => false,
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            status,
            content_type,
            reason,
        } = self;
        write!(f, "the answer with status {} and ", status.as_u16())?;
        match content_type {
            Some(content_type) => write!(f, "content-type {content_type}")?,
            None => f.write_str("no content-type")?,
        }
        match reason {
            MalformedReason::Empty => f.write_str(" is empty"),
            MalformedReason::TooLarge => f.write_str(" is too large for a token"),
            MalformedReason::Syntax => f.write_str(" is neither a JSON object nor a form"),
            MalformedReason::Member { name, wrong } => {
                write!(f, " has no usable token: {name} {wrong}")
            }
        }
    }
}

/// What is wrong with a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedReason {
    /// There is no body.
    Empty,
    /// The body is larger than [`BODY_LIMIT`](crate::BODY_LIMIT).
    TooLarge,
    /// The body is not one JSON object in UTF-8, nor the form that its `Content-Type` announces.
    Syntax,
    /// One member is missing or wrong.
    Member {
        /// The member's name.
        name: &'static str,
        /// What is wrong with it.
        wrong: &'static str,
    },
}
