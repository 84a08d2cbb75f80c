//! A client and its request: checked once, shared by its clones.

use std::fmt;
use std::sync::{Arc, OnceLock};

use http::{Request, Uri};

use crate::client_auth::method::ClientAuth;
use crate::config::cache_key::CacheKey;
use crate::config::parameters::{BodyFormat, Parameters};
use crate::config::template::Template;
use crate::grant::Grant;
use crate::provider::provider::Provider;
use crate::redact::Redactor;
use crate::redact::prepared::{PreCheck, Secrets};
use crate::secret::{Secret, SecretBytes};

/// A client of a token endpoint, and the token that it asks for.
///
/// A `Config` that exists makes well-formed requests: [`ConfigBuilder::build`](crate::ConfigBuilder::build) checks each
/// parameter. Clones share one memory.
///
/// ```
/// use edge_oauth_no_io::{BodyFormat, Config, Secret};
///
/// let config = Config::builder("https://login.example/oauth/token", "my-client")
///     .client_secret(Secret::new("s3cret"))
///     .audience("https://api.example")
///     .scope("read write")
///     .body_format(BodyFormat::Form)
///     .build()?;
/// assert_eq!(config.client_id(), "my-client");
/// assert!(!format!("{config:?}").contains("s3cret"));
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Config(Arc<Inner>);

struct Inner {
    parameters: Parameters,
    template: Template,
    cache_key: CacheKey,
    /// Made when a response is first read.
    pre_check: OnceLock<PreCheck>,
}

impl Config {
    pub(crate) fn new(parameters: Parameters) -> Self {
        Self(Arc::new(Inner {
            template: Template::new(&parameters),
            cache_key: CacheKey::new(&parameters),
            pre_check: OnceLock::new(),
            parameters,
        }))
    }

    /// Returns the token endpoint.
    pub fn endpoint(&self) -> &Uri {
        &self.0.parameters.endpoint
    }

    /// Returns the client id.
    pub fn client_id(&self) -> &str {
        &self.0.parameters.client_id
    }

    /// Returns how the client authenticates.
    pub fn client_auth(&self) -> &ClientAuth {
        &self.0.parameters.client_auth
    }

    /// Returns the grant.
    pub fn grant(&self) -> &Grant {
        &self.0.parameters.grant
    }

    /// Returns how the parameters are encoded.
    pub fn body_format(&self) -> BodyFormat {
        self.0.parameters.body_format
    }

    /// Returns the API that the token is for, as Auth0 and Experience Edge name it.
    pub fn audience(&self) -> Option<&str> {
        self.0.parameters.audience.as_deref()
    }

    /// Returns the scope tokens to ask for, in the order in which they were added.
    pub fn scope(&self) -> impl Iterator<Item = &str> {
        self.0.parameters.scope.iter().map(String::as_str)
    }

    /// Returns the resources that the token is for (RFC 8707).
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        self.0.parameters.resources.iter().map(String::as_str)
    }

    /// Returns the provider, which has the hints and the origins that a token may go to.
    pub fn provider(&self) -> &Provider {
        &self.0.parameters.provider
    }

    /// Returns the client secret if the request carries it.
    pub fn client_secret(&self) -> Option<&Secret> {
        self.client_auth().secret()
    }

    /// Returns the key under which this configuration's token can be cached.
    ///
    /// ```
    /// use edge_oauth_no_io::{Config, Secret};
    ///
    /// let config = |secret| Config::builder("https://login.example/token", "my-client").client_secret(Secret::new(secret));
    /// let old = config("old").scope("read write").build()?;
    /// let new = config("new").scope("write").scope("read").build()?;
    /// assert_eq!(old.cache_key(), new.cache_key());
    /// assert_ne!(old.cache_key(), new.to_builder().audience("https://api.example").build()?.cache_key());
    /// # Ok::<_, edge_oauth_no_io::ConfigError>(())
    /// ```
    pub fn cache_key(&self) -> &CacheKey {
        &self.0.cache_key
    }

    /// Returns the key under which processes share responses: the [cache key](Self::cache_key) and all else that makes
    /// the request, except the secret.
    ///
    /// An error response is of one way to ask: if a server refuses `client_secret_basic`, `client_secret_post` may do.
    pub fn store_id(&self) -> CacheKey {
        self.0.cache_key.with_way_to_ask(&self.0.parameters)
    }

    /// Returns whether both make the same requests, the secret included.
    pub fn makes_same_requests(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || self.0.template.is_same(&other.0.template)
                && self.endpoint() == other.endpoint()
                && self.client_auth().method() == other.client_auth().method()
                && self.client_auth().jwt() == other.client_auth().jwt()
                && self.grant().jwt() == other.grant().jwt()
    }

    pub(crate) fn parameters(&self) -> &Parameters {
        &self.0.parameters
    }

    /// Returns a redactor of the secrets that the request carries.
    pub(crate) fn redactor(&self) -> Redactor<'_> {
        let parameters = &self.0.parameters;
        let pre_check = &self.0.pre_check;
        let pre_check = pre_check.get_or_init(|| parameters.prepare().into_pre_check());
        Redactor::unprepared(pre_check, parameters)
    }

    /// Returns the request if it lacks no assertion.
    pub(crate) fn request(&self) -> Option<Request<SecretBytes>> {
        self.0.template.complete(self.endpoint())
    }

    /// Returns the request with the assertions of one attempt.
    pub(crate) fn request_with(&self, added: &[(&str, &str)]) -> Request<SecretBytes> {
        self.0.template.with(self.endpoint(), added)
    }
}

impl fmt::Debug for Config {
    /// Values that a server may take for credentials are left out: the query, and extra parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters = self.parameters();
        let endpoint = &parameters.endpoint;
        let authority = endpoint
            .authority()
            .map_or("", |authority| authority.as_str());
        let params: Vec<_> = parameters.params.iter().map(|(name, _)| name).collect();
        f.debug_struct("Config")
            .field("scheme", &endpoint.scheme_str().unwrap_or_default())
            .field("authority", &authority)
            .field("path", &endpoint.path())
            .field("client_id", &parameters.client_id)
            .field("client_auth", &parameters.client_auth)
            .field("grant", &parameters.grant)
            .field("body_format", &parameters.body_format)
            .field("audience", &parameters.audience)
            .field("scope", &parameters.scope)
            .field("resources", &parameters.resources)
            .field("params", &params)
            .field("provider", &parameters.provider)
            .finish()
    }
}
