//! The URL of the APIs, and so the entry to every operation.

use edge_oauth_no_io::Origin;

use crate::input_error::InputError;

/// The Admin API and the Token API of Experience Edge at one URL. Its methods return the operations.
///
/// An operation contains this URL and no token: the sender of the request adds the token.
///
/// ```
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::ExperienceEdge;
///
/// let request = ExperienceEdge::new().settings().request();
/// assert_eq!(request.uri(), "https://edge.sitecorecloud.io/api/admin/v1/settings");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExperienceEdge {
    base_url: String,
}

impl ExperienceEdge {
    /// Returns the APIs of the real service, `https://edge.sitecorecloud.io`.
    pub fn new() -> Self {
        Self {
            base_url: SERVICE.to_owned(),
        }
    }

    /// Returns the APIs at another URL, such as a local Edge or a gateway. The URL may have a path, which precedes
    /// the paths of the APIs.
    ///
    /// # Errors
    ///
    /// If the URL is not `https`, or `http` on the loopback; if it has a user, a query or a fragment; or if it has more
    /// than 2048 bytes.
    ///
    /// ```
    /// use experience_edge_api::ExperienceEdge;
    ///
    /// assert!(ExperienceEdge::at("http://127.0.0.1:8080").is_ok());
    /// assert!(ExperienceEdge::at("https://gateway.example/edge/").is_ok());
    /// assert_eq!(ExperienceEdge::at("http://gateway.example").unwrap_err().field(), "url");
    /// ```
    pub fn at(url: &str) -> Result<Self, InputError> {
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
        Ok(Self {
            base_url: url.trim_end_matches('/').to_owned(),
        })
    }

    /// Returns the URL that precedes the paths of the APIs, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns whether the APIs are on the loopback. Webhooks may call the loopback too then.
    pub(crate) fn is_local(&self) -> bool {
        self.base_url
            .get(..5)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"))
    }
}

impl Default for ExperienceEdge {
    fn default() -> Self {
        Self::new()
    }
}

const SERVICE: &str = "https://edge.sitecorecloud.io";

/// With an encoded path after it, a URL stays below the 64 KiB that the `http` crate accepts.
const MAX_LENGTH: usize = 2048;
