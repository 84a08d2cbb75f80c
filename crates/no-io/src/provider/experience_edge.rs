//! The endpoints, audiences and error hints of Sitecore Experience Edge.

use http::{StatusCode, Uri};

use crate::provider::kind::Kind;

/// The token endpoint that all tenants should use.
pub const ENDPOINT: &str = "https://auth.sitecorecloud.io/oauth/token";

/// The token endpoint that older tenants used before: `builder.endpoint(LEGACY_ENDPOINT)`.
pub const LEGACY_ENDPOINT: &str = "https://one-sc-production.eu.auth0.com/oauth/token";

/// The token endpoint of the pre-production service.
pub const PRE_PRODUCTION_ENDPOINT: &str = "https://auth-beta.sitecorecloud.io/oauth/token";

/// The audience of new tenants.
pub const AUDIENCE: &str = "https://api.sitecorecloud.io";

/// The audience of the pre-production service.
pub const PRE_PRODUCTION_AUDIENCE: &str = "https://api-beta.sitecorecloud.io";

/// The kind of tenant, which decides the endpoint and the audience.
///
/// Both can be overridden in [`Config::to_builder`](crate::Config::to_builder).
///
/// ```
/// use edge_oauth_no_io::{Config, Secret, Tenant};
///
/// let config = Config::experience_edge(Tenant::Old("my-tenant".into()), "my-client", Secret::new("s3cret"))?;
/// assert_eq!(config.audience(), Some("https://delivery.sitecore.cloud/my-tenant"));
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
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

impl Tenant {
    /// Returns the token endpoint of this kind of tenant.
    pub fn endpoint(&self) -> &'static str {
        match self {
            Self::Current | Self::Old(_) => ENDPOINT,
            Self::PreProduction => PRE_PRODUCTION_ENDPOINT,
        }
    }

    /// Returns the audience of this kind of tenant.
    pub fn audience(&self) -> String {
        match self {
            Self::Current => AUDIENCE.to_owned(),
            Self::Old(id) => format!("{OLD_AUDIENCE}{id}"),
            Self::PreProduction => PRE_PRODUCTION_AUDIENCE.to_owned(),
        }
    }
}

pub(crate) const KIND: Kind = Kind {
    name: "Experience Edge",
    hint,
    domains: &["sitecorecloud.io", "sitecore.cloud"],
    expired: &["Token has expired"],
};

/// Returns whether the client asks for a token of Experience Edge, at whatever endpoint.
pub(crate) fn is_asked(endpoint: &Uri, audience: Option<&str>) -> bool {
    let audience = audience.unwrap_or_default();
    [AUDIENCE, PRE_PRODUCTION_AUDIENCE].contains(&audience)
        || audience.starts_with(OLD_AUDIENCE)
        || [ENDPOINT, LEGACY_ENDPOINT, PRE_PRODUCTION_ENDPOINT]
            .iter()
            .any(|url| *endpoint == **url)
}

/// Returns the advice for an error response, if there is any.
fn hint(status: StatusCode, code: Option<&str>, description: Option<&str>) -> Option<&'static str> {
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
        (403, Some("access_denied")) if description.starts_with("Client has not been granted") => {
            Some(SCOPE)
        }
        (403, _) if description.contains("is not authorized to access") => Some(WRONG_KIND),
        (403, Some("unauthorized_client")) => Some(WRONG_KIND),
        (429, _) => Some(RATE_LIMIT),
        _ => None,
    }
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
const SCOPE: &str = "this client does not hold a scope that was asked for: ask for no scope to get all that it \
     holds, or use a client of the kind that holds it (xmcpub.* and xmcloud.cm:admin: environment automation)";
const RATE_LIMIT: &str = "too many tokens were asked for: keep a token until it expires, share it \
     among callers, and wait as long as the response says";
