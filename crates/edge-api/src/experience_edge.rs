//! Where the APIs are, and so where every operation begins.

use edge_oauth_no_io::Origin;

use crate::input_error::InputError;

/// The Admin API and the Token API of Experience Edge at one URL. Its methods make the operations.
///
/// ```
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::ExperienceEdge;
///
/// let request = ExperienceEdge::new().settings().request();
/// assert_eq!(request.uri(), "https://edge.sitecorecloud.io/api/admin/v1/settings");
/// ```
///
/// An operation has the URL in it, and no token: that is set by whoever sends the request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExperienceEdge {
    base: String,
}

impl ExperienceEdge {
    /// The real service.
    pub fn new() -> Self {
        Self {
            base: SERVICE.to_owned(),
        }
    }

    /// Another one, such as a local Edge or a gateway. The URL is `https`, or `http` on the loopback,
    /// has no query, and may have a path, which the APIs' own paths follow.
    ///
    /// ```
    /// use experience_edge_api::ExperienceEdge;
    ///
    /// assert!(ExperienceEdge::at("http://127.0.0.1:8080").is_ok());
    /// assert!(ExperienceEdge::at("https://gateway.example/edge/").is_ok());
    /// assert_eq!(ExperienceEdge::at("http://gateway.example").unwrap_err().field(), "url");
    /// ```
    pub fn at(url: &str) -> Result<Self, InputError> {
        let refuse = |wrong| Err(InputError::invalid("url", wrong));
        if Origin::from_url(url).is_err() {
            return refuse(
                "is not one to send a token to: it has to be https, or http on the loopback",
            );
        }
        if url.contains('?') {
            return refuse("has a query");
        }
        if url.len() > LONGEST {
            return refuse("is too long");
        }
        Ok(Self {
            base: url.trim_end_matches('/').to_owned(),
        })
    }

    /// The URL that the APIs' own paths follow, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base
    }

    /// Whether this is on the loopback, where webhooks may be too.
    pub(crate) fn is_local(&self) -> bool {
        self.base
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

/// With what follows it, a URL stays within the 64 KiB that the `http` crate takes.
const LONGEST: usize = 2048;
