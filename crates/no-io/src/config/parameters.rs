//! The content of a configuration, before anything is derived from it.

use http::Uri;

use crate::client_auth::method::ClientAuth;
use crate::grant::Grant;
use crate::provider::provider::Provider;

/// Checked values. `Config` shares them among its clones.
#[derive(Clone)]
pub(crate) struct Parameters {
    pub(crate) endpoint: Uri,
    pub(crate) client_id: String,
    pub(crate) client_auth: ClientAuth,
    pub(crate) grant: Grant,
    pub(crate) body_format: BodyFormat,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) provider: Provider,
    pub(crate) lenient: bool,
}

impl Parameters {
    /// Returns the bytes of each parameter's names and values before any encoding, the separators included.
    pub(crate) fn sizes(&self) -> [(&'static str, usize); 7] {
        let secret = self.client_auth.secret();
        let scope = self.scope.iter().map(|token| token.len() + 1);
        let resources = self
            .resources
            .iter()
            .map(|uri| "resource".len() + uri.len() + 2);
        let params = self
            .params
            .iter()
            .map(|(name, value)| name.len() + value.len() + 2);
        let grant = self
            .grant
            .params()
            .map(|(name, value)| name.len() + value.len() + 2);
        [
            ("client_id", self.client_id.len()),
            (
                "client_secret",
                secret.map_or(0, |secret| secret.expose().len()),
            ),
            ("audience", self.audience.as_ref().map_or(0, String::len)),
            ("scope", scope.sum()),
            ("resource", resources.sum()),
            ("a parameter of your own", params.sum()),
            ("the grant", grant.sum()),
        ]
    }
}

/// The encoding of a token request's parameters.
///
/// ```
/// use edge_oauth_no_io::{BodyFormat, Config, Secret, token_request};
///
/// let config = Config::builder("https://login.example/token", "my-client")
///     .client_secret(Secret::new("s3cret"))
///     .body_format(BodyFormat::Json)
///     .build()?;
/// assert_eq!(token_request(&config).unwrap().headers()["content-type"], "application/json");
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`, which every OAuth server reads (RFC 6749 §4.4.2).
    #[default]
    Form,
    /// `application/json`, which Auth0 and Experience Edge read too. Not in the standard. Two or more resources become
    /// an array.
    Json,
}
