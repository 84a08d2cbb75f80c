//! The reasons to refuse a configuration.

use std::fmt;

/// A configuration that could not work, or would not be safe. Names the parameter, never its value.
///
/// ```
/// use edge_oauth_no_io::{Config, ConfigError, Secret};
///
/// let config = Config::builder("http://login.example/token", "my-client").client_secret(Secret::new("s3cret"));
/// assert_eq!(config.build().unwrap_err(), ConfigError::InsecureEndpoint);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The endpoint is not a URL that a token request can go to.
    Endpoint {
        /// The rule that it breaks.
        reason: &'static str,
    },
    /// The endpoint is `http` and not the loopback, so the secret would cross the network in clear.
    InsecureEndpoint,
    /// A parameter that must have a value has none.
    Empty {
        /// The parameter.
        parameter: &'static str,
    },
    /// A parameter has a character that RFC 6749 Appendix A does not allow there.
    Character {
        /// The parameter.
        parameter: &'static str,
    },
    /// The client id or secret ends in a line break, as text read from a file often does.
    TrailingNewline {
        /// The parameter.
        parameter: &'static str,
    },
    /// Client authentication was not set.
    NoClientAuth,
    /// Client authentication was set twice; RFC 6749 §2.3 allows one method in a request.
    SecondClientAuth,
    /// A `resource` that is not an absolute URI without a fragment (RFC 8707 §2).
    Resource,
    /// The URL of an API is not one that a token may be sent to.
    Origin,
    /// An extra parameter or claim that the library sets itself, or that has a setter of its own.
    Reserved {
        /// The parameter.
        parameter: String,
    },
    /// An extra parameter or claim given twice; RFC 6749 §3.2 and RFC 7519 §4 allow each once.
    Repeated {
        /// The parameter.
        parameter: String,
    },
    /// The tenant id could not be part of an audience.
    TenantId,
    /// All parameters together are larger than a token request should be.
    TooLarge {
        /// The largest parameter.
        parameter: &'static str,
        /// The most bytes that all of them may have.
        limit: usize,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint { reason } => write!(f, "the token endpoint {reason}"),
            Self::InsecureEndpoint => f.write_str(
                "the token endpoint is http, which shows the secret to the network: use https \
                 (http is for the loopback only)",
            ),
            Self::Empty { parameter } => write!(f, "{parameter} is empty"),
            Self::Character { parameter } => {
                write!(f, "{parameter} has a character that is not allowed in it")
            }
            Self::TrailingNewline { parameter } => write!(
                f,
                "{parameter} ends in a line break: drop it where the value is read, with trim_end()"
            ),
            Self::NoClientAuth => f.write_str(
                "client authentication is not set: call `client_secret`, or `client_auth` for another method",
            ),
            Self::SecondClientAuth => {
                f.write_str("client authentication is set twice: a request can use one method")
            }
            Self::Resource => f.write_str("resource is not an absolute URI without a fragment"),
            Self::Origin => f.write_str(
                "the API's URL is not one to send a token to: it has to be https, or http on the loopback",
            ),
            Self::Reserved { parameter } => {
                write!(
                    f,
                    "{parameter} is set by the library, or has a setter of its own"
                )
            }
            Self::Repeated { parameter } => write!(f, "{parameter} is set twice"),
            Self::TenantId => f.write_str(
                "the tenant id is not one: letters, digits, `-`, `_` and `.` are allowed in it",
            ),
            Self::TooLarge { parameter, limit } => {
                write!(
                    f,
                    "the parameters are larger than {limit} bytes together, the largest being {parameter}"
                )
            }
        }
    }
}

impl std::error::Error for ConfigError {}
