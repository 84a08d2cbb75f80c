//! The names of a configuration in a store, and the key that seals its entries.

use std::fmt;

use edge_oauth_driver::StoreKey;
use edge_oauth_no_io::{Config, SecretBytes, StoreError};
use ring::digest;

use crate::hkdf::derive;
use crate::seal::EntrySeal;

/// Makes the [`StoreKey`] of a configuration, by HKDF-SHA256 of its client secret or of a key of its own.
///
/// The name contains a hash of the secret, so a rotation of the secret needs no cleaning: the old entries expire.
///
/// ```
/// use edge_oauth_no_io::{Config, Secret, SecretBytes};
/// use edge_oauth_store::StoreKeys;
///
/// let builder = Config::builder("https://login.example/token", "id");
/// let config = builder.client_secret(Secret::new("s3cret")).build()?;
/// let key = StoreKeys::from_client_secret().key(&config)?;
/// assert_eq!(key.name().len(), 32);
///
/// // For a configuration without a client secret: random bytes that all processes have.
/// let keys = StoreKeys::from_key(SecretBytes::new(vec![7; 32]))?;
/// assert_ne!(keys.key(&config)?.name(), key.name());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct StoreKeys(Option<SecretBytes>);

impl StoreKeys {
    /// Seals with the client secret of each configuration. A client secret that can be guessed can be guessed from an
    /// entry too.
    pub fn from_client_secret() -> Self {
        Self(None)
    }

    /// Seals with this key, for configurations that have no client secret, such as those that sign assertions.
    ///
    /// # Errors
    ///
    /// Returns an error if the key has less than 16 bytes. Use 32 random bytes.
    pub fn from_key(key: SecretBytes) -> Result<Self, StoreError> {
        match key.as_ref().len() {
            16.. => Ok(Self(Some(key))),
            length => Err(StoreError::new(format_args!(
                "a key of {length} bytes is too short: use 32 random bytes"
            ))),
        }
    }

    /// Returns the key of a configuration.
    ///
    /// # Errors
    ///
    /// Returns an error if there is neither a key nor a client secret.
    pub fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        let secret = self.secret(config)?;
        let cache_key = config.cache_key();
        let mut name = [0; NAME];
        derive(
            &[],
            secret.as_ref(),
            &[NAME_INFO, cache_key.as_ref()],
            &mut name,
        );
        let name = hex(&name);
        Ok(StoreKey::new(name, config_id(config), self.seal(config)?))
    }

    pub(crate) fn seal(&self, config: &Config) -> Result<EntrySeal, StoreError> {
        Ok(EntrySeal::new(
            self.secret(config)?,
            config.cache_key().clone(),
        ))
    }

    fn secret(&self, config: &Config) -> Result<SecretBytes, StoreError> {
        match (&self.0, config.client_secret()) {
            (Some(key), _) => Ok(key.clone()),
            (None, Some(secret)) => Ok(SecretBytes::new(secret.expose().as_bytes().to_vec())),
            (None, None) => Err(StoreError::new(
                "the configuration has no client secret to seal entries with: set a key with StoreKeys::from_key",
            )),
        }
    }
}

/// Returns the name of a configuration's files: SHA-256 of its cache key, in hex. The secret has no part in it.
pub fn config_id(config: &Config) -> String {
    hex(digest::digest(&digest::SHA256, config.cache_key().as_ref()).as_ref())
}

impl fmt::Debug for StoreKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreKeys").field(&self.0).finish()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// In bytes.
const NAME: usize = 16;
const NAME_INFO: &[u8] = b"edge-oauth store name\n";
