//! The endpoints, audiences and error hints of Sitecore Experience Edge.

use http::StatusCode;

use crate::config::config::Config;
use crate::config::error::ConfigError;
use crate::config::grammar;
use crate::secret::Secret;

/// The token endpoint that all tenants should use.
pub const ENDPOINT: &str = "https://auth.sitecorecloud.io/oauth/token";

/// The token endpoint that older tenants used before: `config.endpoint(LEGACY_ENDPOINT)`.
pub const LEGACY_ENDPOINT: &str = "https://one-sc-production.eu.auth0.com/oauth/token";

/// The token endpoint of the pre-production service.
pub const PRE_PRODUCTION_ENDPOINT: &str = "https://auth-beta.sitecorecloud.io/oauth/token";

/// The audience of new tenants.
pub const AUDIENCE: &str = "https://api.sitecorecloud.io";

/// The audience of the pre-production service.
pub const PRE_PRODUCTION_AUDIENCE: &str = "https://api-beta.sitecorecloud.io";

/// Which kind of tenant asks; it decides the endpoint and the audience.
///
/// Both can be overridden with [`Config::endpoint`] and [`Config::audience`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tenant {
    /// A new tenant: [`ENDPOINT`] and [`AUDIENCE`].
    Current,
    /// An old tenant, by its tenant id: [`ENDPOINT`] and `https://delivery.sitecore.cloud/<tenant-id>`.
    Old(String),
    /// The pre-production service: [`PRE_PRODUCTION_ENDPOINT`] and [`PRE_PRODUCTION_AUDIENCE`].
    PreProduction,
}

impl Config {
    /// A client of Experience Edge, with id and secret as the Deploy app shows them.
    ///
    /// ```
    /// use edge_oauth_no_io::{Config, Secret, Tenant, token_request};
    ///
    /// let config = Config::experience_edge(Tenant::Current, "my-client", Secret::new("s3cret"))?;
    /// assert_eq!(token_request(&config).uri(), "https://auth.sitecorecloud.io/oauth/token");
    /// # Ok::<_, edge_oauth_no_io::ConfigError>(())
    /// ```
    pub fn experience_edge(
        tenant: Tenant,
        client_id: impl Into<String>,
        client_secret: Secret,
    ) -> Result<Self, ConfigError> {
        let (endpoint, audience) = match tenant {
            Tenant::Current => (ENDPOINT, AUDIENCE.to_owned()),
            Tenant::Old(id) => (ENDPOINT, old_audience(&id)?),
            Tenant::PreProduction => (PRE_PRODUCTION_ENDPOINT, PRE_PRODUCTION_AUDIENCE.to_owned()),
        };
        let mut config = Self::new(endpoint, client_id, client_secret)?;
        config.experience_edge = true;
        config.audience(audience)
    }
}

/// Whether it is Experience Edge that this client wants a token of, at whatever endpoint.
pub(crate) fn is_asked(config: &Config) -> bool {
    let audience = config.audience.as_deref().unwrap_or_default();
    config.experience_edge
        || [AUDIENCE, PRE_PRODUCTION_AUDIENCE].contains(&audience)
        || audience.starts_with(OLD_AUDIENCE)
        || [ENDPOINT, LEGACY_ENDPOINT, PRE_PRODUCTION_ENDPOINT]
            .iter()
            .any(|url| config.endpoint == **url)
}

/// What a newcomer can do about a refusal of this provider. `None` where nothing is known.
pub(crate) fn hint(
    status: StatusCode,
    code: Option<&str>,
    description: Option<&str>,
) -> Option<&'static str> {
    let description = description.unwrap_or_default();
    match (status.as_u16(), code) {
        (401, _) => Some(WRONG_CREDENTIALS),
        (403, Some("access_denied"))
            if description.starts_with("Service not enabled within domain") =>
        {
            Some(UNKNOWN_AUDIENCE)
        }
        (403, Some("access_denied")) if description.starts_with("Non-global clients") => {
            Some(NO_AUDIENCE)
        }
        (403, _) if description.contains("is not authorized to access") => Some(WRONG_KIND),
        (403, Some("unauthorized_client")) => Some(WRONG_KIND),
        (429, _) => Some(RATE_LIMIT),
        _ => None,
    }
}

fn old_audience(tenant_id: &str) -> Result<String, ConfigError> {
    if !grammar::is_plain_name(tenant_id) {
        return Err(ConfigError::TenantId);
    }
    Ok(format!("{OLD_AUDIENCE}{tenant_id}"))
}

const OLD_AUDIENCE: &str = "https://delivery.sitecore.cloud/";

const WRONG_CREDENTIALS: &str = "the client id or the client secret is wrong: compare both with the \
     client's page in the Deploy app, and mind that a new secret replaces the old one";
const UNKNOWN_AUDIENCE: &str = "the server does not know this audience: new tenants use \
     https://api.sitecorecloud.io, old tenants https://delivery.sitecore.cloud/<tenant-id>";
const NO_AUDIENCE: &str = "no audience was sent: new tenants use https://api.sitecorecloud.io, old \
     tenants https://delivery.sitecore.cloud/<tenant-id>";
const WRONG_KIND: &str = "this client may not have a token for that audience: make a client of the \
     right kind in the Deploy app (Edge administration for the Edge APIs of one environment, \
     automation for the Deploy and CM APIs)";
const RATE_LIMIT: &str = "too many tokens were asked for: keep a token until it expires, share it \
     among callers, and wait as long as the answer says";
