//! The URL of the APIs, and so the entry to every operation.

use crate::base_url::BaseUrl;
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
    pub(crate) base_url: BaseUrl,
}

impl ExperienceEdge {
    /// Returns the APIs of the real service, `https://edge.sitecorecloud.io`.
    pub fn new() -> Self {
        Self {
            base_url: BaseUrl::of_service(SERVICE),
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
        Ok(Self {
            base_url: BaseUrl::checked(url)?,
        })
    }

    /// Returns the URL that precedes the paths of the APIs, without a slash at its end.
    pub fn base_url(&self) -> &str {
        self.base_url.as_str()
    }

    /// Returns whether the APIs are on the loopback. Webhooks may call the loopback too then.
    pub(crate) fn is_local(&self) -> bool {
        self.base_url.is_local()
    }
}

impl Default for ExperienceEdge {
    fn default() -> Self {
        Self::new()
    }
}

const SERVICE: &str = "https://edge.sitecorecloud.io";
