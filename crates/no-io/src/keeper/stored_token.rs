//! A token as plain data, to be stored across runs of a program.

use std::fmt;
use std::time::Duration;

use crate::config::cache_key::CacheKey;
use crate::secret::Secret;

/// A token as it is stored for a later run, and the configuration that it belongs to. Times are of the wall clock, the
/// only one that later runs share.
///
/// The token is a secret: store it where nobody else can read it, better encrypted.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Config, Secret, StoredToken};
///
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let sent = Duration::from_secs(1_800_000_000);
/// let stored = StoredToken::new(config.cache_key().clone(), Secret::new("abc"), None, sent, Duration::from_secs(900));
/// assert_eq!(stored.lifetime(), Duration::from_secs(900));
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct StoredToken {
    key: CacheKey,
    access_token: Secret,
    scope: Option<String>,
    sent: Duration,
    lifetime: Duration,
}

impl StoredToken {
    /// Returns a token of the configuration with this key. `sent` is when its request left, since the Unix epoch; the
    /// lifetime counts from then.
    pub fn new(
        key: CacheKey,
        access_token: Secret,
        scope: Option<String>,
        sent: Duration,
        lifetime: Duration,
    ) -> Self {
        Self {
            key,
            access_token,
            scope,
            sent,
            lifetime,
        }
    }

    /// Returns the key of the configuration that the token belongs to.
    pub fn key(&self) -> &CacheKey {
        &self.key
    }

    /// Returns the token itself.
    pub fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// Returns the granted scope if the server named one.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// Returns when the request left, since the Unix epoch.
    pub fn sent(&self) -> Duration {
        self.sent
    }

    /// Returns how long the token is valid, counted from when its request left.
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }
}

impl fmt::Debug for StoredToken {
    /// The scope is left out: it is the server's text, which may repeat secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredToken")
            .field("access_token", &self.access_token)
            .field("sent", &self.sent)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
