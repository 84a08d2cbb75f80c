//! The names of a configuration in a store, and the key that seals its entries.

use std::fmt;

use edge_oauth_driver::StoreKey;
use edge_oauth_no_io::{Config, Grant, GrantAssertion, SecretBytes, StoreError};
use ring::digest;

use crate::hkdf::derive;
use crate::seal::EntrySeal;

/// Makes the [`StoreKey`] of a configuration, by HKDF-SHA256 of its client secret or of a key of its own.
///
/// The name contains a hash of the secret, so a rotation of the secret needs no cleaning: the old entries expire. It also
/// depends on the method of client authentication, on a JWT's claims and key id, and on the body format: the error
/// response to one way of asking reaches no process that asks in another way.
///
/// A configuration does not name a private key without a key id ([`JwtAssertion::key_id`]), and it does not name the
/// subject of an assertion that something else makes. Give each of those a key of its own by [`from_key`](Self::from_key).
///
/// [`JwtAssertion::key_id`]: edge_oauth_no_io::JwtAssertion::key_id
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
    /// Returns an error if there is no key, and the configuration has no client secret or does not say whose token it
    /// requests. [`StoreError::is_missing_key`] returns true for that error.
    pub fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        let (name, seal) = self.name_and_seal(config)?;
        Ok(StoreKey::new(name, config_id(config), seal))
    }

    pub(crate) fn name_and_seal(&self, config: &Config) -> Result<(String, EntrySeal), StoreError> {
        let secret = self.secret(config)?;
        let id = config.store_id();
        // Under one key too, a wrong secret must not share its errors with the right one.
        let credential = config
            .client_secret()
            .map_or(&b""[..], |secret| secret.expose().as_bytes());
        let mut name = [0; NAME];
        let info = [NAME_INFO, id.as_ref(), credential];
        derive(&[], secret.as_ref(), &info, &mut name);
        let name = hex(&name);
        let seal = EntrySeal::new(secret, &name, &id);
        Ok((name, seal))
    }

    fn secret(&self, config: &Config) -> Result<SecretBytes, StoreError> {
        match (&self.0, config.client_secret()) {
            (Some(key), _) => Ok(key.clone()),
            // fault: token-of-another-subject
            (None, _) if has_foreign_subject(config.grant()) => Err(StoreError::missing_key(
                "the configuration does not name the subject of the grant's assertion: set a key of this subject with \
                 StoreKeys::from_key",
            )),
            (None, Some(secret)) => Ok(SecretBytes::new(secret.expose().as_bytes().to_vec())),
            (None, None) => Err(StoreError::missing_key(
                "the configuration has no client secret to seal entries with: set a key with StoreKeys::from_key",
            )),
        }
    }
}

/// Returns whether the token's subject is known to something else only: the maker of the assertion.
fn has_foreign_subject(grant: &Grant) -> bool {
    matches!(
        grant,
        Grant::TokenExchange { .. } | Grant::JwtBearer(GrantAssertion::External)
    )
}

/// Returns the hash of a configuration, for lists: SHA-256 of its [cache key](Config::cache_key), in hex. Neither the
/// secret has a part in it nor the way of client authentication, so a list needs no key.
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
