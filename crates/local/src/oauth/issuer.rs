//! The values that the token endpoint and the APIs share.

use crate::options::options::Options;
use crate::options::signing_key::{SigningKey, TokenAlgorithm};

/// The audience of new tenants.
pub const AUDIENCE: &str = "https://api.sitecorecloud.io";

/// The audience of the pre-production environment.
pub const PRE_PRODUCTION_AUDIENCE: &str = "https://api-beta.sitecorecloud.io";

/// The path of the token endpoint.
pub(crate) const TOKEN_PATH: &str = "/oauth/token";

/// An issuer with its key and its audiences.
pub(crate) struct Issuer {
    pub(crate) base_url: String,
    pub(crate) tenant_id: String,
    pub(crate) key: SigningKey,
}

impl Issuer {
    pub(crate) fn new(options: &Options, base_url: &str) -> Self {
        let key = options.key.clone();
        Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            tenant_id: options.tenant_id.clone(),
            key: key.unwrap_or_else(|| SigningKey::development(TokenAlgorithm::default())),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/", self.base_url)
    }

    pub(crate) fn token_endpoint(&self) -> String {
        format!("{}{TOKEN_PATH}", self.base_url)
    }

    pub(crate) fn knows_audience(&self, audience: &str) -> bool {
        let tenant = audience.strip_prefix(TENANT_AUDIENCE_PREFIX);
        audience == AUDIENCE
            || audience == PRE_PRODUCTION_AUDIENCE
            || tenant == Some(self.tenant_id.as_str())
    }
}

/// The audience of an old tenant ends with the tenant id.
const TENANT_AUDIENCE_PREFIX: &str = "https://delivery.sitecore.cloud/";
