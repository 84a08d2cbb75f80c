//! The URL that precedes the paths of an API.

use edge_oauth_no_io::Origin;

use crate::input_error::InputError;

/// A URL that a token may be sent to, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BaseUrl(String);

impl BaseUrl {
    /// Returns the URL of a real service, which is a constant.
    pub(crate) fn of_service(url: &'static str) -> Self {
        Self(url.to_owned())
    }

    /// Checks a URL from outside.
    pub(crate) fn checked(url: &str) -> Result<Self, InputError> {
        let invalid = |reason| Err(InputError::invalid("url", reason));
        if Origin::from_url(url).is_err() {
            return invalid(
                "is not a URL that a token may be sent to: use https, or http on the loopback",
            );
        }
        if url.contains('?') {
            return invalid("has a query: remove it");
        }
        if url.len() > MAX_LENGTH {
            return invalid("is too long");
        }
        Ok(Self(url.trim_end_matches('/').to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the URL is on the loopback.
    pub(crate) fn is_local(&self) -> bool {
        self.0
            .get(..5)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"))
    }
}

/// With an encoded path after it, a URL stays below the 64 KiB that the `http` crate accepts.
const MAX_LENGTH: usize = 2048;
