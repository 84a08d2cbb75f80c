//! The key under which a configuration's token is cached.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::config::parameters::Parameters;
use crate::grant::Grant;

/// Identifies the tokens that a configuration gets: endpoint, client, grant, audience, scope in any order, resources,
/// and extra parameters. The secret is not part of it, and neither is how the client authenticates.
///
/// Two keys are equal exactly if all of these are. As bytes it can be hashed, for a file's name. A clone copies
/// nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheKey(Arc<str>);

impl CacheKey {
    pub(crate) fn new(parameters: &Parameters) -> Self {
        let mut key = String::new();
        // The length before each value keeps any two lists of values apart.
        let mut add = |name: &str, value: &str| {
            key.extend([name, ":", &value.len().to_string(), ":", value, "\n"]);
        };
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
        Self(key.into())
    }
}

impl CacheKey {
    /// Returns a number that tells this key from others in logs. Another version of Rust may give another number, and two
    /// keys may share one: do not look up tokens by it.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
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
