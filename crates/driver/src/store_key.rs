//! The place of a configuration in a store, and the seal of its entries.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use edge_oauth_no_io::{Claimed, Finish, SharedResponse, StoreError};

use crate::maybe_send::{MaybeSend, MaybeSync};

/// Seals the responses of one configuration, so that they are useless without its key.
///
/// `edge-oauth-store` implements it; this crate has no cryptography.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_driver::{Seal, StoreKey};
/// use edge_oauth_no_io::{SharedResponse, StoreError};
///
/// /// No seal at all, for a test of a store.
/// struct Open;
///
/// impl Seal for Open {
///     fn seal(&self, _: u64, response: &SharedResponse, _: Duration) -> Result<Vec<u8>, StoreError> {
///         Ok(response.to_bytes().as_ref().to_vec())
///     }
///
///     fn open(&self, _: u64, sealed: Vec<u8>) -> Option<SharedResponse> {
///         SharedResponse::from_bytes(&sealed)
///     }
/// }
///
/// let key = StoreKey::new("a hash", "another hash", Open);
/// assert_eq!(key.config_id(), "another hash");
/// ```
pub trait Seal: MaybeSend + MaybeSync + 'static {
    /// Returns the response sealed. It opens only with the same number.
    ///
    /// `expires` is the time until which a store keeps it, for lists, and not secret.
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no random numbers.
    fn seal(
        &self,
        number: u64,
        response: &SharedResponse,
        expires: Duration,
    ) -> Result<Vec<u8>, StoreError>;

    /// Returns the response; `None` if these bytes were not sealed with this key and number.
    fn open(&self, number: u64, sealed: Vec<u8>) -> Option<SharedResponse>;
}

/// The place of one configuration in a store, and the seal of its entries.
///
/// A clone copies nothing.
///
/// ```
/// use edge_oauth_driver::Store;
/// use edge_oauth_driver::testing::MemoryStore;
/// use edge_oauth_no_io::{Config, Secret};
///
/// let config = |secret| Config::builder("https://login.example/token", "id").client_secret(Secret::new(secret)).build();
/// let store = MemoryStore::new();
/// let (old, new) = (store.key(&config("old")?)?, store.key(&config("rotated")?)?);
/// assert_eq!(old.config_id(), new.config_id());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct StoreKey(Arc<Inner>);

struct Inner {
    name: String,
    config_id: String,
    seal: Box<dyn Seal>,
}

impl StoreKey {
    /// Returns a key. Both texts are hashes, since they are seen in lists and logs.
    pub fn new(name: impl Into<String>, config_id: impl Into<String>, seal: impl Seal) -> Self {
        Self(Arc::new(Inner {
            name: name.into(),
            config_id: config_id.into(),
            seal: Box::new(seal),
        }))
    }

    /// Returns the name for a store that many machines share: a hash of the secret and of the configuration. After a
    /// rotation of the secret it is another one.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the name for files: a hash of the configuration without its secret, so that a list needs no secret.
    pub fn config_id(&self) -> &str {
        &self.0.config_id
    }

    /// Opens the responses that a claim returned. A response becomes `None` if it does not open.
    pub fn open(&self, claimed: Claimed<Vec<u8>>) -> Claimed<Option<SharedResponse>> {
        claimed.map(|number, sealed| self.0.seal.open(number, sealed))
    }

    /// Seals the response that is to be stored.
    ///
    /// # Errors
    ///
    /// Returns an error if the system has no random numbers.
    pub fn seal(&self, finish: Finish<SharedResponse>) -> Result<Finish<Vec<u8>>, StoreError> {
        finish.try_map(|number, response, keep| {
            let expires = response.born().saturating_add(keep);
            self.0.seal.seal(number, &response, expires)
        })
    }
}

impl fmt::Debug for StoreKey {
    /// Contains the configuration's hash only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreKey")
            .field("config_id", &self.config_id())
            .finish_non_exhaustive()
    }
}
