//! Who asks, where, and for what; valid by construction.

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::{Request, Uri};

use crate::config::cache_key::CacheKey;
use crate::config::endpoint;
use crate::config::error::ConfigError;
use crate::config::grammar;
use crate::printable::printable;
use crate::secret::{Secret, SecretBytes};

/// A client of a token endpoint, and what it asks for with the client credentials grant
/// (RFC 6749 §4.4).
///
/// Every setter checks its value, so a `Config` that exists makes a request that is well formed.
///
/// ```
/// use edge_oauth_no_io::{BodyFormat, ClientAuth, Config, Secret};
///
/// let config = Config::new("https://login.example/oauth/token", "my-client", Secret::new("s3cret"))?
///     .client_auth(ClientAuth::Basic)?
///     .audience("https://api.example")?
///     .scope("read")?
///     .scope("write")?
///     .body_format(BodyFormat::Form);
/// assert!(!format!("{config:?}").contains("s3cret"));
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Config {
    pub(crate) endpoint: Uri,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) client_auth: Option<ClientAuth>,
    pub(crate) body_format: BodyFormat,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) params: Vec<(String, String)>,
    /// Made by the profile of Experience Edge, so its hints apply whatever was overridden since.
    pub(crate) experience_edge: bool,
    pub(crate) derived: Derived,
}

/// What follows from all the rest, from when it was first asked for.
#[derive(Clone, Default)]
pub(crate) struct Derived {
    pub(crate) request: OnceLock<Arc<Request<SecretBytes>>>,
    pub(crate) cache_key: OnceLock<CacheKey>,
}

impl Config {
    /// A client of the token endpoint at this URL.
    ///
    /// The URL is `https`, or `http` on the loopback; its query is kept as it is. Id and secret are of
    /// the characters that RFC 6749 Appendix A allows, space to `~`, and not empty.
    pub fn new(
        endpoint: &str,
        client_id: impl Into<String>,
        client_secret: Secret,
    ) -> Result<Self, ConfigError> {
        let config = Self::new_lenient(endpoint, client_id, client_secret)?;
        for (parameter, text) in config.credentials() {
            if !grammar::is_credential(text) {
                return Err(ConfigError::Character { parameter });
            }
        }
        Ok(config)
    }

    /// As [`new`](Self::new), for a server whose ids or secrets have other characters: each is sent as
    /// UTF-8, then encoded as a form (RFC 6749 Appendix B).
    pub fn new_lenient(
        endpoint: &str,
        client_id: impl Into<String>,
        client_secret: Secret,
    ) -> Result<Self, ConfigError> {
        let config = Self {
            endpoint: endpoint::parse(endpoint)?,
            client_id: client_id.into(),
            client_secret,
            client_auth: None,
            body_format: BodyFormat::default(),
            audience: None,
            scope: Vec::new(),
            resources: Vec::new(),
            params: Vec::new(),
            experience_edge: false,
            derived: Derived::default(),
        };
        for (parameter, text) in config.credentials() {
            if text.is_empty() {
                return Err(ConfigError::Empty { parameter });
            }
            if text.ends_with(['\n', '\r']) {
                return Err(ConfigError::TrailingNewline { parameter });
            }
        }
        config.bounded("client_secret")
    }

    /// Another token endpoint, under the same rules as in [`new`](Self::new).
    pub fn endpoint(mut self, url: &str) -> Result<Self, ConfigError> {
        self.derived = Derived::default();
        self.endpoint = endpoint::parse(url)?;
        Ok(self)
    }

    /// How the client proves who it is; [`ClientAuth::Body`] where this is not called. A second call
    /// with another value is refused, since a request can use one way only (RFC 6749 §2.3).
    pub fn client_auth(mut self, client_auth: ClientAuth) -> Result<Self, ConfigError> {
        self.derived = Derived::default();
        match self.client_auth.replace(client_auth) {
            Some(other) if other != client_auth => Err(ConfigError::SecondClientAuth),
            _ => Ok(self),
        }
    }

    /// How the parameters are written; a form where this is not called.
    #[must_use]
    pub fn body_format(mut self, body_format: BodyFormat) -> Self {
        self.derived = Derived::default();
        self.body_format = body_format;
        self
    }

    /// The API that the token is for, as Auth0 and Experience Edge name it. Replaces an earlier one.
    pub fn audience(mut self, audience: impl Into<String>) -> Result<Self, ConfigError> {
        self.derived = Derived::default();
        let audience = audience.into();
        if audience.is_empty() {
            return Err(ConfigError::Empty {
                parameter: "audience",
            });
        }
        self.audience = Some(audience);
        self.bounded("audience")
    }

    /// Adds one scope token (RFC 6749 §3.3). The same one again changes nothing.
    pub fn scope(mut self, token: impl Into<String>) -> Result<Self, ConfigError> {
        self.derived = Derived::default();
        let token = token.into();
        if token.is_empty() {
            return Err(ConfigError::Empty { parameter: "scope" });
        }
        if !grammar::is_scope_token(&token) {
            return Err(ConfigError::Character { parameter: "scope" });
        }
        if !self.scope.contains(&token) {
            self.scope.push(token);
        }
        self.bounded("scope")
    }

    /// Adds a resource that the token is for (RFC 8707): an absolute URI without a fragment.
    pub fn resource(mut self, uri: impl Into<String>) -> Result<Self, ConfigError> {
        self.derived = Derived::default();
        let uri = uri.into();
        if !grammar::is_absolute_uri(&uri) {
            return Err(ConfigError::Resource);
        }
        self.resources.push(uri);
        self.bounded("resource")
    }

    /// Adds a parameter of the server's own, such as `organization_id`, each name once.
    pub fn param(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        self.derived = Derived::default();
        let name = name.into();
        if name.is_empty() {
            return Err(ConfigError::Empty {
                parameter: "the name of a parameter",
            });
        }
        if grammar::is_reserved(&name) {
            return Err(ConfigError::Reserved { parameter: name });
        }
        if self.params.iter().any(|(other, _)| *other == name) {
            return Err(ConfigError::Repeated {
                parameter: printable(&name, NAME_SHOWN),
            });
        }
        self.params.push((name, value.into()));
        self.bounded("a parameter of your own")
    }

    /// Whether both make the same requests, the secret included.
    pub fn makes_same_requests(&self, other: &Self) -> bool {
        self.cache_key() == other.cache_key()
            && self.client_secret.expose() == other.client_secret.expose()
            && self.client_auth.unwrap_or_default() == other.client_auth.unwrap_or_default()
            && self.body_format == other.body_format
    }

    fn credentials(&self) -> [(&'static str, &str); 2] {
        [
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose()),
        ]
    }

    fn bounded(self, parameter: &'static str) -> Result<Self, ConfigError> {
        if self.size() > SIZE_LIMIT {
            return Err(ConfigError::TooLarge {
                parameter,
                limit: SIZE_LIMIT,
            });
        }
        Ok(self)
    }

    /// The bytes of all names and values, before any encoding.
    pub(crate) fn size(&self) -> usize {
        let credentials = self.credentials().map(|(_, text)| text.len());
        let params = self
            .params
            .iter()
            .map(|(name, value)| name.len() + value.len() + 2);
        let scope = self.scope.iter().map(|token| token.len() + 1);
        let resources = self
            .resources
            .iter()
            .map(|uri| "resource".len() + uri.len() + 2);
        let audience = self.audience.as_ref().map_or(0, String::len);
        credentials
            .into_iter()
            .chain(params)
            .chain(scope)
            .chain(resources)
            .sum::<usize>()
            + audience
    }
}

impl fmt::Debug for Config {
    /// Values that a server may take for credentials are left out: the query, and extra parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = self
            .endpoint
            .authority()
            .map_or("", |authority| authority.as_str());
        let params: Vec<_> = self.params.iter().map(|(name, _)| name).collect();
        f.debug_struct("Config")
            .field("scheme", &self.endpoint.scheme_str().unwrap_or_default())
            .field("authority", &authority)
            .field("path", &self.endpoint.path())
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .field("client_auth", &self.client_auth.unwrap_or_default())
            .field("body_format", &self.body_format)
            .field("audience", &self.audience)
            .field("scope", &self.scope)
            .field("resources", &self.resources)
            .field("params", &params)
            .finish()
    }
}

/// How a client proves who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientAuth {
    /// `client_id` and `client_secret` among the parameters, as Experience Edge documents it.
    #[default]
    Body,
    /// HTTP Basic (RFC 6749 §2.3.1): id and secret are form-encoded, then joined by `:`. A space is
    /// written `%20`, which a server reads whether it decodes a form or only `%`.
    Basic,
    /// HTTP Basic, with a space as `+`, the very letter of RFC 6749 Appendix B. For a server that
    /// compares the encoded text and knows only that spelling; one that decodes only `%` refuses it.
    BasicPlus,
}

/// How the parameters of a token request are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`, which every OAuth server reads (RFC 6749 §4.4.2).
    #[default]
    Form,
    /// `application/json`, which Auth0 and Experience Edge read too. Not in the standard. Two or more
    /// resources become an array.
    Json,
}

const NAME_SHOWN: usize = 64;

/// Far above what any server takes, far below what would hurt.
const SIZE_LIMIT: usize = 64 * 1024;
