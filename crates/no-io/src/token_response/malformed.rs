//! Successes that contain no readable token.

use std::fmt;

use http::StatusCode;

/// A success that contains no readable token. The body is never part of the error.
///
/// ```
/// use edge_oauth_no_io::{Config, MalformedReason, Secret, TokenError, token_response};
///
/// let config = Config::builder("https://login.example/token", "my-client").client_secret(Secret::new("s3cret")).build()?;
/// let response = http::Response::new("<html>please sign in</html>");
/// let Err(TokenError::Malformed(malformed)) = token_response(&config, &response) else {
///     unreachable!("a web page contains no token")
/// };
/// assert_eq!(malformed.reason, MalformedReason::Syntax);
/// assert!(malformed.is_transient());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Malformed {
    /// The HTTP status.
    pub status: StatusCode,
    /// The `Content-Type`, printable and cut.
    pub content_type: Option<String>,
    /// The reason.
    pub reason: MalformedReason,
}

impl Malformed {
    /// Returns whether the same request may succeed later.
    ///
    /// A body that is no token response at all may come from elsewhere and be gone the next time. A member with a wrong
    /// value comes from the server, which will send it again.
    pub fn is_transient(&self) -> bool {
        match self.reason {
            MalformedReason::Empty
            | MalformedReason::TooLarge
            | MalformedReason::Syntax
            | MalformedReason::Expired => true,
            MalformedReason::Member { .. } => false,
        }
    }

    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self.reason {
            MalformedReason::Empty | MalformedReason::TooLarge | MalformedReason::Syntax => {
                Some(ELSEWHERE)
            }
            MalformedReason::Expired => Some(SERVER_CLOCK),
            MalformedReason::Member {
                name: "token_type", ..
            } => Some(NOT_BEARER),
            MalformedReason::Member { .. } => None,
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the response with status {} and ", self.status.as_u16())?;
        match &self.content_type {
            Some(content_type) => write!(f, "content-type {content_type}")?,
            None => f.write_str("no content-type")?,
        }
        match self.reason {
            MalformedReason::Empty => f.write_str(" is empty"),
            MalformedReason::TooLarge => f.write_str(" is too large for a token"),
            MalformedReason::Syntax => f.write_str(" is neither a JSON object nor a form"),
            MalformedReason::Expired => f.write_str(" has a token that has already expired"),
            MalformedReason::Member { name, reason } => {
                write!(f, " has no usable token: {name} {reason}")
            }
        }
    }
}

/// The reason why a success contains no readable token.
///
/// ```
/// use edge_oauth_no_io::{Config, MalformedReason, Secret, TokenError, token_response};
///
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let Err(TokenError::Malformed(malformed)) = token_response(&config, &http::Response::new("{}")) else {
///     unreachable!("there is no token")
/// };
/// assert_eq!(malformed.reason, MalformedReason::Member { name: "access_token", reason: "is missing" });
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MalformedReason {
    /// There is no body.
    Empty,
    /// The body is larger than [`BODY_LIMIT`](crate::BODY_LIMIT).
    TooLarge,
    /// The body is neither one JSON object in UTF-8 nor a form.
    Syntax,
    /// The token has already expired: `expires_in` is negative.
    Expired,
    /// One member is missing or wrong.
    Member {
        /// The member's name.
        name: &'static str,
        /// The fault, such as `is missing`.
        reason: &'static str,
    },
}

/// The hint for a response that may come from elsewhere.
pub(crate) const ELSEWHERE: &str = "something other than a token server may have responded: look for a captive portal, a \
     firewall or a proxy, and check the token endpoint's URL";

const SERVER_CLOCK: &str =
    "try again: the server handed out a token that it had kept for too long, or its clocks differ";
const NOT_BEARER: &str = "have the server issue Bearer tokens to this client: tokens that are bound to a \
     key (DPoP) are not supported";
