//! Errors of a call of a protected API.

use std::fmt;

use http::{Response, StatusCode};

use crate::api::hint::{ELSEWHERE, hint};
use crate::api::message;
use crate::culprit::Culprit;
use crate::html::is_web_page;
use crate::rate_limits::RateLimits;
use crate::rate_limits::retry_after::RetryAfter;
use crate::redact::Redactor;
use crate::status;
use crate::token::AccessToken;

/// An error of a call of a protected API: the response is not the result of its [`Operation`](crate::Operation).
///
/// It follows the rules of a [`TokenError`](crate::TokenError) with two exceptions. Errors of APIs have no codes like
/// those of OAuth, so a 400 or 403 comes from the service unless it is a web page. A 404 or 410 may mean the thing or
/// the URL, so there is no hint to check the URL.
///
/// It is safe to print: text of the service is printable and cut, and a success that cannot be read shows the member's
/// name only.
///
/// ```
/// use edge_oauth_no_io::ApiError;
///
/// let response = http::Response::builder().status(503).header("retry-after", "7").body("").unwrap();
/// let error = ApiError::from_response(&response, &[]);
/// assert!(error.is_transient() && error.retry_after().is_some());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiError {
    /// The service, or something in front of it, sent an error.
    #[non_exhaustive]
    ErrorResponse {
        /// The HTTP status.
        status: StatusCode,
        /// The service's words; `None` if there are none.
        message: Option<String>,
        /// The earliest time of the next attempt; `None` if the service named no time.
        retry_after: Option<RetryAfter>,
        /// Advice on the error.
        hint: Option<&'static str>,
        /// True if the body is a web page, as firewalls and proxies send, and so does not come from the service.
        is_page: bool,
    },
    /// The response is a success that cannot be read.
    #[non_exhaustive]
    Malformed {
        /// The HTTP status.
        status: StatusCode,
        /// The member that is wrong, or `the body`.
        member: &'static str,
        /// The fault, such as `is missing`.
        reason: &'static str,
        /// True if the body is no response of the service at all, such as an empty one.
        is_unreadable: bool,
    },
}

impl ApiError {
    /// Reads an error response.
    ///
    /// The message is taken from the usual members, such as `message`, `error_description`, `errors`, `detail` and
    /// `title` (RFC 9457) and `error`, or from a plain text; never from a web page.
    /// `secrets` are the credentials that the request carried. If the message repeats eight characters in a row of
    /// one of them, or of the token that the response has a note of (see [`AccessToken::note_in`]), a note takes the
    /// message's place, however the echo is spelt. A shorter secret counts as a whole, and one of less than four
    /// characters or of lower-case letters alone as a whole word, since a message may contain such text by chance.
    ///
    /// ```
    /// use edge_oauth_no_io::{ApiError, Culprit};
    ///
    /// let response = http::Response::builder()
    ///     .status(400)
    ///     .body(r#"{"title":"Invalid","errors":{"Uri":["is not https"]}}"#)
    ///     .unwrap();
    /// let error = ApiError::from_response(&response, &["hunter2"]);
    /// assert_eq!(error.message(), Some("Uri: is not https"));
    /// assert_eq!(error.culprit(), Culprit::Config);
    /// assert!(!error.is_transient());
    /// ```
    pub fn from_response(response: &Response<impl AsRef<[u8]>>, secrets: &[&str]) -> Self {
        let status = response.status();
        let token = AccessToken::noted_in(response).map(AccessToken::expose);
        let secrets = Redactor::new(secrets.iter().copied());
        let secrets = secrets.with(token.unwrap_or_default());
        let is_page = is_web_page(response);
        Self::ErrorResponse {
            status,
            message: message::read(response, &secrets),
            retry_after: RateLimits::read(response.headers()).earliest(),
            hint: hint(status).filter(|_| !is_elsewhere(status, is_page)),
            is_page,
        }
    }

    /// Returns the error for a success with a member that cannot be read. Neither text may come from the response. The
    /// error is permanent, since the service will send the member again.
    pub fn malformed(status: StatusCode, member: &'static str, reason: &'static str) -> Self {
        Self::Malformed {
            status,
            member,
            reason,
            is_unreadable: false,
        }
    }

    /// Returns the error for a success with a body that is no response of the service: empty, in another format, a web
    /// page. It may come from elsewhere and be gone the next time, so the error is transient.
    pub fn unreadable(status: StatusCode, reason: &'static str) -> Self {
        Self::Malformed {
            status,
            member: "the body",
            reason,
            is_unreadable: true,
        }
    }

    /// Replaces the hint of an error response by one that fits the service better.
    #[must_use]
    pub fn with_hint(mut self, better: &'static str) -> Self {
        if let Self::ErrorResponse { hint, .. } = &mut self {
            *hint = Some(better);
        }
        self
    }

    /// Returns who has to act. `Server` means the API here.
    pub fn culprit(&self) -> Culprit {
        match self {
            Self::Malformed { .. } => Culprit::Server,
            Self::ErrorResponse {
                status,
                is_page,
                retry_after,
                ..
            } => match (status.as_u16(), status::transient(*status)) {
                (_, Some(culprit)) => culprit,
                (100..=199 | 407, _) => Culprit::Network,
                // A success that means an error, such as `false`.
                (200..=299, _) => Culprit::Server,
                (400.., _) if retry_after.is_some() => Culprit::Server,
                _ if is_elsewhere(*status, *is_page) => Culprit::Network,
                _ => Culprit::Config,
            },
        }
    }

    /// Returns whether the same call may succeed later without a change on our side. The call may have taken effect all
    /// the same: check that before you repeat a call that creates something.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Malformed { is_unreadable, .. } => *is_unreadable,
            Self::ErrorResponse {
                status,
                is_page,
                retry_after,
                ..
            } => {
                status.is_informational()
                    || status::transient(*status).is_some()
                    || status.as_u16() >= 400 && retry_after.is_some()
                    || is_elsewhere(*status, *is_page)
            }
        }
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::ErrorResponse { status, .. } | Self::Malformed { status, .. } => *status,
        }
    }

    /// Returns the service's words about the error.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::ErrorResponse { message, .. } => message.as_deref(),
            Self::Malformed { .. } => None,
        }
    }

    /// Returns the earliest time of the next attempt; `None` if the service named no time.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Self::ErrorResponse { retry_after, .. } => *retry_after,
            Self::Malformed { .. } => None,
        }
    }

    /// Returns what to do about the error; `None` if that is not known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::ErrorResponse { hint, .. } => *hint,
            Self::Malformed { is_unreadable, .. } => is_unreadable.then_some(ELSEWHERE),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ErrorResponse {
                status, message, ..
            } => {
                write!(f, "the API responded with status {}", status.as_u16())?;
                match message {
                    Some(message) => write!(f, ": {message}"),
                    None => Ok(()),
                }
            }
            Self::Malformed {
                status,
                member,
                reason,
                ..
            } => write!(
                f,
                "the API's response with status {} cannot be read: {member} {reason}",
                status.as_u16()
            ),
        }
    }
}

impl std::error::Error for ApiError {}

/// Returns whether the error comes from a firewall or a proxy, and says nothing about the request.
fn is_elsewhere(status: StatusCode, is_page: bool) -> bool {
    is_page && matches!(status::registered(status), 400 | 403)
}
