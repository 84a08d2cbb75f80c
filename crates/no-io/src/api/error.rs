//! What a protected API's answer says when it is not the success that was asked for.

use std::fmt;

use http::{Response, StatusCode};

use crate::api::message;
use crate::culprit::Culprit;
use crate::html::is_web_page;
use crate::rate_limits::{RateLimits, RetryAfter};
use crate::redact::Redactor;
use crate::token::AccessToken;

/// Why an answer of a protected API is not what its [`Operation`](crate::Operation) asked for.
///
/// Its rules are those of a [`TokenError`](crate::TokenError), but for two. The errors of APIs have no
/// code as OAuth's have, so a 400 or 403 is the service's verdict unless it is a web page. And where
/// nothing is found (404, 410) it may as well be the thing as the URL that is wrong, so there is no
/// hint to check the latter.
///
/// Plain data, and safe to print: text of the service is printable and cut, and of a success that
/// cannot be read only the member's name is told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiError {
    /// The answer says no.
    #[non_exhaustive]
    ErrorResponse {
        /// The HTTP status.
        status: StatusCode,
        /// The service's words, where it has any.
        message: Option<String>,
        /// The earliest time of the next attempt, where the service gave one.
        retry_after: Option<RetryAfter>,
        /// What to do about it.
        hint: Option<&'static str>,
        /// Whether it is a web page, as a firewall or a proxy sends, and so not the service that speaks.
        is_page: bool,
    },
    /// The answer says yes, and cannot be read.
    #[non_exhaustive]
    Malformed {
        /// The HTTP status.
        status: StatusCode,
        /// The member that is wrong, or `the body`.
        member: &'static str,
        /// What is wrong with it.
        wrong: &'static str,
        /// Whether it is no answer of the service at all, such as an empty body.
        is_unreadable: bool,
    },
}

impl ApiError {
    /// Reads an answer that says no.
    ///
    /// The message is taken from the shapes that services use: `message`, `error_description`,
    /// `errors`, `detail` and `title` (RFC 9457), `error`, or a plain text; never from a web page.
    /// `secrets` are the credentials that the request carried. If the message repeats eight characters in a row of
    /// one of them, or of the token that the response has a note of (see [`AccessToken::note_in`]), a note takes the
    /// message's place, however the echo is spelt. A shorter secret counts as a whole, and one of less than four
    /// characters or of lower-case letters alone as a whole word, since a message may contain such text by chance.
    ///
    /// ```
    /// use edge_oauth_no_io::{ApiError, Culprit};
    ///
    /// let answer = http::Response::builder()
    ///     .status(400)
    ///     .body(r#"{"title":"Invalid","errors":{"Uri":["is not https"]}}"#)
    ///     .unwrap();
    /// let error = ApiError::from_response(&answer, &["hunter2"]);
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

    /// A success of which this member cannot be read; neither text may come from the answer. The
    /// service will say it again.
    pub fn malformed(status: StatusCode, member: &'static str, wrong: &'static str) -> Self {
        Self::Malformed {
            status,
            member,
            wrong,
            is_unreadable: false,
        }
    }

    /// A success whose body is no answer at all: empty, not in the format, a web page. It may come from
    /// elsewhere, and be gone the next time.
    pub fn unreadable(status: StatusCode, wrong: &'static str) -> Self {
        Self::Malformed {
            status,
            member: "the body",
            wrong,
            is_unreadable: true,
        }
    }

    /// The same error with another hint, where it is a refusal, for who knows the service better.
    #[must_use]
    pub fn with_hint(mut self, better: &'static str) -> Self {
        if let Self::ErrorResponse { hint, .. } = &mut self {
            *hint = Some(better);
        }
        self
    }

    /// Who has to act. `Server` is the API here.
    pub fn culprit(&self) -> Culprit {
        match self {
            Self::Malformed { .. } => Culprit::Server,
            Self::ErrorResponse {
                status, is_page, ..
            } => match status.as_u16() {
                100..=199 | 407 => Culprit::Network,
                // A success that says no, such as `false`.
                200..=299 | 408 | 425 | 429 | 500.. => Culprit::Server,
                _ if is_elsewhere(*status, *is_page) => Culprit::Network,
                _ => Culprit::Config,
            },
        }
    }

    /// Whether the same call may succeed later, with nothing changed on our side. It says nothing of
    /// whether the call was acted upon: think twice before you repeat one that makes something.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Malformed { is_unreadable, .. } => *is_unreadable,
            Self::ErrorResponse {
                status, is_page, ..
            } => {
                let passes = matches!(status.as_u16(), 100..=199 | 408 | 425 | 429 | 500..=599);
                passes || is_elsewhere(*status, *is_page)
            }
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::ErrorResponse { status, .. } | Self::Malformed { status, .. } => *status,
        }
    }

    /// What the service says about it in words.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::ErrorResponse { message, .. } => message.as_deref(),
            Self::Malformed { .. } => None,
        }
    }

    /// The earliest time of the next attempt, where the service gave one.
    pub fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Self::ErrorResponse { retry_after, .. } => *retry_after,
            Self::Malformed { .. } => None,
        }
    }

    /// What to do about it, where that is known.
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
                write!(f, "the API answered with status {}", status.as_u16())?;
                match message {
                    Some(message) => write!(f, ": {message}"),
                    None => Ok(()),
                }
            }
            Self::Malformed {
                status,
                member,
                wrong,
                ..
            } => write!(
                f,
                "the API's answer with status {} cannot be read: {member} {wrong}",
                status.as_u16()
            ),
        }
    }
}

impl std::error::Error for ApiError {}

fn hint(status: StatusCode) -> Option<&'static str> {
    match status.as_u16() {
        300..=399 => Some(MOVED),
        401 => Some(TOKEN),
        403 => Some(SCOPE),
        407 => Some(PROXY),
        _ => None,
    }
}

/// A web page with one of these is of a firewall or a proxy, and no verdict on the request.
fn is_elsewhere(status: StatusCode, is_page: bool) -> bool {
    is_page && matches!(status.as_u16(), 400 | 403)
}

const MOVED: &str = "the API is elsewhere, and the token is not sent after it: check the API's URL";
const TOKEN: &str = "the API does not accept the token: check the audience that it was asked for, \
     and that the client is of the kind that this API takes";
const SCOPE: &str = "the token does not allow this: the client needs another scope, or has to be of \
     another kind";
const PROXY: &str = "a proxy on the way wants credentials of its own";
const ELSEWHERE: &str = "something other than the API may have answered: look for a captive portal or a \
     proxy, and check the API's URL";
