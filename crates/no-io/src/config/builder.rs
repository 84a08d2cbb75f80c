//! Makes a `Config`: setters that cannot fail, and one check at the end that names the parameter.

use std::fmt;

use crate::client_auth::method::{BasicEncoding, ClientAuth};
use crate::config::auth_choice::AuthChoice;
use crate::config::checks::check;
use crate::config::config::Config;
use crate::config::parameters::{BodyFormat, Parameters};
use crate::config_error::ConfigError;
use crate::grammar;
use crate::grant::Grant;
use crate::origin::endpoint;
use crate::provider::experience_edge::{self, Tenant};
use crate::provider::provider::Provider;
use crate::secret::Secret;

impl Config {
    /// Starts a configuration for the token endpoint at this URL.
    ///
    /// The URL is `https`, or `http` on the loopback; its query is sent as it is. The client id has the characters
    /// of RFC 6749 Appendix A, space to `~`, and is not empty.
    pub fn builder(endpoint: impl Into<String>, client_id: impl Into<String>) -> ConfigBuilder {
        ConfigBuilder {
            endpoint: endpoint.into(),
            client_id: client_id.into(),
            client_auth: AuthChoice::unset(),
            grant: Grant::default(),
            body_format: BodyFormat::default(),
            audience: None,
            scope: Vec::new(),
            resources: Vec::new(),
            params: Vec::new(),
            provider: None,
            lenient: false,
        }
    }

    /// Returns a client of Experience Edge, with id and secret as the Deploy app shows them.
    ///
    /// ```
    /// use edge_oauth_no_io::{Config, Secret, Tenant};
    ///
    /// let config = Config::experience_edge(Tenant::Current, "my-client", Secret::new("s3cret"))?;
    /// assert_eq!(config.endpoint(), "https://auth.sitecorecloud.io/oauth/token");
    /// # Ok::<_, edge_oauth_no_io::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::TenantId`] if the id of an old tenant could not be part of an audience, and the errors of
    /// [`ConfigBuilder::build`] for id and secret.
    pub fn experience_edge(
        tenant: Tenant,
        client_id: impl Into<String>,
        client_secret: Secret,
    ) -> Result<Self, ConfigError> {
        if matches!(&tenant, Tenant::Old(id) if !grammar::is_plain_name(id)) {
            return Err(ConfigError::TenantId);
        }
        Self::builder(tenant.endpoint(), client_id)
            .client_secret(client_secret)
            .audience(tenant.audience())
            .provider(Provider::experience_edge())
            .build()
    }

    /// Starts from this configuration, such as to rotate the secret.
    ///
    /// ```
    /// # use edge_oauth_no_io::{Config, Secret, Tenant};
    /// # let config = Config::experience_edge(Tenant::Current, "my-client", Secret::new("old"))?;
    /// let rotated = config.to_builder().client_secret(Secret::new("new")).build()?;
    /// assert_eq!(rotated.cache_key(), config.cache_key());
    /// # Ok::<_, edge_oauth_no_io::ConfigError>(())
    /// ```
    pub fn to_builder(&self) -> ConfigBuilder {
        let parameters = self.parameters().clone();
        ConfigBuilder {
            endpoint: parameters.endpoint.to_string(),
            client_id: parameters.client_id,
            client_auth: AuthChoice::inherited(parameters.client_auth),
            grant: parameters.grant,
            body_format: parameters.body_format,
            audience: parameters.audience,
            scope: parameters.scope,
            resources: parameters.resources,
            params: parameters.params,
            provider: Some(parameters.provider),
            lenient: parameters.lenient,
        }
    }
}

/// Collects the parameters of a [`Config`]. `Debug` shows no value.
///
/// ```
/// use edge_oauth_no_io::{Algorithm, ClientAuth, Config, JwtAssertion};
///
/// let config = Config::builder("https://login.example/token", "my-client")
///     .client_auth(ClientAuth::PrivateKeyJwt(JwtAssertion::new(Algorithm::Es256).key_id("2026-11")))
///     .scope("read")
///     .build()?;
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct ConfigBuilder {
    endpoint: String,
    client_id: String,
    client_auth: AuthChoice,
    grant: Grant,
    body_format: BodyFormat,
    audience: Option<String>,
    scope: Vec<String>,
    resources: Vec<String>,
    params: Vec<(String, String)>,
    provider: Option<Provider>,
    lenient: bool,
}

impl ConfigBuilder {
    /// Sets another token endpoint.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = url.into();
        self
    }

    /// Sets how the client authenticates.
    pub fn client_auth(mut self, client_auth: ClientAuth) -> Self {
        self.client_auth = self.client_auth.set(client_auth);
        self
    }

    /// Sets the client secret, which is sent in the body (`client_secret_post`). In a builder that began with
    /// [`Config::to_builder`], replaces the secret and keeps the method.
    pub fn client_secret(self, secret: Secret) -> Self {
        let client_auth = self.client_auth.with_secret(secret);
        self.client_auth(client_auth)
    }

    /// Sends the client secret as HTTP Basic credentials (`client_secret_basic`) and not in the body.
    pub fn basic_auth(mut self, encoding: BasicEncoding) -> Self {
        self.client_auth = self.client_auth.basic(encoding);
        self
    }

    /// Sets the grant, client credentials by default.
    pub fn grant(mut self, grant: Grant) -> Self {
        self.grant = grant;
        self
    }

    /// Sets how the parameters are encoded, a form by default.
    pub fn body_format(mut self, body_format: BodyFormat) -> Self {
        self.body_format = body_format;
        self
    }

    /// Sets the API that the token is for, as Auth0 and Experience Edge name it.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Adds scope tokens (RFC 6749 §3.3): `"read write"` is two. A token that is there already is not added again.
    pub fn scope(mut self, scope: &str) -> Self {
        if scope.is_empty() {
            self.scope.push(String::new());
        }
        for token in scope.split(' ').filter(|token| !token.is_empty()) {
            if !self.scope.iter().any(|other| other == token) {
                self.scope.push(token.to_owned());
            }
        }
        self
    }

    /// Adds a resource that the token is for (RFC 8707): an absolute URI without a fragment.
    pub fn resource(mut self, uri: impl Into<String>) -> Self {
        self.resources.push(uri.into());
        self
    }

    /// Adds a parameter of the server's own, such as `organization_id`, each name once. Its value is treated as a
    /// secret.
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }

    /// Sets the provider. Without this call it is Experience Edge if the endpoint or the audience is one of
    /// Experience Edge's, otherwise a standard server.
    pub fn provider(mut self, provider: Provider) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Allows characters outside of RFC 6749 Appendix A in the client id and the secret, for a server that issues
    /// them. They are sent as UTF-8 in the form's encoding (Appendix B).
    pub fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }

    /// Checks all parameters and encodes the request.
    ///
    /// # Errors
    ///
    /// Returns a [`ConfigError`] that names the first parameter that is missing or wrong, never its value.
    pub fn build(self) -> Result<Config, ConfigError> {
        let client_auth = self.client_auth.resolve()?;
        let endpoint = endpoint::parse(&self.endpoint)?;
        let audience = self.audience;
        let provider = self.provider.unwrap_or_else(|| {
            match experience_edge::is_asked(&endpoint, audience.as_deref()) {
                true => Provider::experience_edge(),
                false => Provider::standard(),
            }
        });
        let parameters = Parameters {
            endpoint,
            client_id: self.client_id,
            client_auth,
            grant: self.grant,
            body_format: self.body_format,
            audience,
            scope: self.scope,
            resources: self.resources,
            params: self.params,
            provider,
            lenient: self.lenient,
        };
        check(&parameters)?;
        Ok(Config::new(parameters))
    }
}

impl fmt::Debug for ConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigBuilder").finish_non_exhaustive()
    }
}
