//! The names and the seal of a store in Redis.

use edge_oauth_store::StoreKeys;

/// Options of a store in Redis.
///
/// ```
/// use edge_oauth_no_io::SecretBytes;
/// use edge_oauth_redis::{RedisOptions, StoreKeys};
///
/// // For a client without a secret: 32 random bytes that all its processes have.
/// let keys = StoreKeys::from_key(SecretBytes::new(vec![7; 32]))?;
/// let options = RedisOptions::default().prefix("staging").keys(keys);
/// # Ok::<_, edge_oauth_no_io::StoreError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RedisOptions {
    pub(crate) prefix: String,
    pub(crate) keys: StoreKeys,
}

impl RedisOptions {
    /// Sets the prefix of the keys in Redis, `edge-oauth` by default. An access control list can name it.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Seals entries with these keys instead of with the client secret.
    #[must_use]
    pub fn keys(mut self, keys: StoreKeys) -> Self {
        self.keys = keys;
        self
    }
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            prefix: "edge-oauth".to_owned(),
            keys: StoreKeys::from_client_secret(),
        }
    }
}
