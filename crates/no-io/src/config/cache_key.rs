//! The key under which a configuration's token is cached.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::client_auth::jwt::Jwt;
use crate::client_auth::method::ClientAuth;
use crate::config::parameters::Parameters;
use crate::grant::Grant;

/// Identifies the tokens that a configuration gets: endpoint, client, grant, audience, scope in any order, resources,
/// and extra parameters. The secret is not part of it, and neither is how the client authenticates.
///
/// The assertion of a grant counts if the core builds it. One that something else makes is not known before it is asked
/// for: give each of its subjects a cache of its own.
///
/// Two keys are equal exactly if all of these are. As bytes it can be hashed, for a file's name. A clone copies
/// nothing.
///
/// ```
/// use edge_oauth_no_io::{Config, Secret};
///
/// let config = Config::builder("https://login.example/token", "my-client").client_secret(Secret::new("s3cret")).build()?;
/// let rotated = config.to_builder().client_secret(Secret::new("another")).build()?;
/// let narrow = config.to_builder().scope("read").build()?;
/// assert_eq!(rotated.cache_key(), config.cache_key());
/// assert_ne!(narrow.cache_key(), config.cache_key());
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheKey(Arc<str>);

impl CacheKey {
    pub(crate) fn new(parameters: &Parameters) -> Self {
        let mut key = String::new();
        let mut add = |name: &str, value: &str| add_to(&mut key, name, value);
        add("endpoint", &parameters.endpoint.to_string());
        add("client_id", &parameters.client_id);
        if let Some(audience) = &parameters.audience {
            add("audience", audience);
        }
        let mut scope = parameters.scope.clone();
        scope.sort_unstable();
        for token in &scope {
            add("scope", token);
        }
        for resource in &parameters.resources {
            add("resource", resource);
        }
        if !matches!(parameters.grant, Grant::ClientCredentials) {
            add("grant_type", parameters.grant.grant_type());
        }
        let own = parameters.params.iter();
        let own = own.map(|(name, value)| (name.as_str(), value.as_str()));
        let mut params: Vec<_> = parameters.grant.params().chain(own).collect();
        params.sort_unstable();
        for (name, value) in params {
            add("param", name);
            add("value", value);
        }
        // The account that the token is for.
        if let Some(jwt) = parameters.grant.jwt() {
            add_claims(jwt, &mut add);
        }
        Self(key.into())
    }

    /// Returns this key with all that makes another request for the same token, except the secret.
    pub(crate) fn with_way_to_ask(&self, parameters: &Parameters) -> Self {
        let mut key = String::from(&*self.0);
        let mut add = |name: &str, value: &str| add_to(&mut key, name, value);
        let auth = &parameters.client_auth;
        add("client_auth", auth.method());
        if let ClientAuth::ClientSecretBasic(_, encoding) = auth {
            add("encoding", &format!("{encoding:?}"));
        }
        if let Some(jwt) = auth.jwt() {
            add_claims(jwt, &mut add);
        }
        for jwt in [auth.jwt(), parameters.grant.jwt()].into_iter().flatten() {
            add("alg", jwt.algorithm.as_str());
            add("typ", &jwt.typ);
            add("kid", jwt.key_id.as_deref().unwrap_or_default());
        }
        add("body_format", &format!("{:?}", parameters.body_format));
        Self(key.into())
    }

    /// Returns a number that tells this key from others in logs. Another version of Rust may give another number, and two
    /// keys may share one: do not look up tokens by it.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
    }
}

/// The length before each value keeps any two lists of values apart.
fn add_to(key: &mut String, name: &str, value: &str) {
    key.extend([name, ":", &value.len().to_string(), ":", value, "\n"]);
}

fn add_claims(jwt: &Jwt, add: &mut impl FnMut(&str, &str)) {
    let standard = [
        ("iss", &jwt.issuer),
        ("sub", &jwt.subject),
        ("aud", &jwt.audience),
    ];
    for (name, value) in standard {
        if let Some(value) = value {
            add(name, value);
        }
    }
    let mut claims: Vec<_> = jwt.claims.iter().collect();
    claims.sort_unstable();
    for (name, value) in claims {
        add("claim", name);
        add("value", value);
    }
}

impl AsRef<[u8]> for CacheKey {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for CacheKey {
    /// Extra parameters and the endpoint's query may hold credentials of a server's own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CacheKey([redacted])")
    }
}
