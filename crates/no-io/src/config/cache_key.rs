//! What a token is good for, as a key to find it by.

use std::fmt;
use std::sync::Arc;

use crate::config::config::Config;

/// Names everything that changes what a configuration's tokens are good for: endpoint, client,
/// audience, scope in any order, resources, and extra parameters. The secret is not in it, and
/// neither is how the client authenticates.
///
/// Two keys are equal exactly where all of that is. As bytes it can be hashed, for a file's name. A clone
/// copies nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheKey(Arc<str>);

impl CacheKey {
    pub(crate) fn of(config: &Config) -> Self {
        let mut key = String::new();
        // The length before each value keeps any two lists of values apart.
        let mut add = |name: &str, value: &str| {
            key.extend([name, ":", &value.len().to_string(), ":", value, "\n"]);
        };
        add("endpoint", &config.endpoint.to_string());
        add("client_id", &config.client_id);
        if let Some(audience) = &config.audience {
            add("audience", audience);
        }
        let mut scope = config.scope.clone();
        scope.sort_unstable();
        for token in &scope {
            add("scope", token);
        }
        for resource in &config.resources {
            add("resource", resource);
        }
        let mut params: Vec<_> = config.params.iter().collect();
        params.sort_unstable();
        for (name, value) in params {
            add("param", name);
            add("value", value);
        }
        Self(key.into())
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

impl Config {
    /// The key under which this configuration's token can be kept.
    ///
    /// ```
    /// use edge_oauth_no_io::{Config, Secret};
    ///
    /// let config = |secret| Config::new("https://login.example/token", "my-client", Secret::new(secret));
    /// let old = config("old")?.scope("read")?.scope("write")?;
    /// let new = config("new")?.scope("write")?.scope("read")?;
    /// assert_eq!(old.cache_key(), new.cache_key());
    /// assert_ne!(old.cache_key(), new.audience("https://api.example")?.cache_key());
    /// # Ok::<_, edge_oauth_no_io::ConfigError>(())
    /// ```
    pub fn cache_key(&self) -> CacheKey {
        let key = &self.derived.cache_key;
        key.get_or_init(|| CacheKey::of(self)).clone()
    }
}
