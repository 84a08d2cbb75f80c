//! The shared store that a user or a crate supplies.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use edge_oauth_no_io::{Claim, Claimed, Config, Finish, SharedResponse, StoreError};

use crate::maybe_send::{BoxFuture, MaybeSend, MaybeSync};

/// A store that processes share, so that all of them together make one token request per lifetime.
///
/// `edge-oauth-store` has one in files, for one machine, and `edge-oauth-redis` one in Redis. The documentation of
/// `edge-oauth-store` shows a store for another engine. A store sees sealed bytes only, and it is not trusted: its
/// loss costs requests, and no caller sees its errors.
///
/// [`ReferenceStore`](edge_oauth_no_io::ReferenceStore) defines both calls. A store must run each call for one key
/// as one step, with one clock for all processes. `edge-oauth-conformance` has the tests that each store passes.
///
/// ```
/// use edge_oauth_driver::testing::MemoryStore;
/// use edge_oauth_driver::{Store, StoreKey};
/// use edge_oauth_no_io::{Claim, Claimed, Config, Finish, StoreError};
///
/// /// Another store, whose calls are logged.
/// struct Logged(MemoryStore);
///
/// impl Store for Logged {
///     fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
///         self.0.key(config)
///     }
///
///     fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
///         println!("claim {}", key.config_id());
///         self.0.claim(key, claim)
///     }
///
///     fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
///         println!("finish {}", key.config_id());
///         self.0.finish(key, finish)
///     }
/// }
/// ```
pub trait Store: MaybeSend + MaybeSync + 'static {
    /// Returns the key of a configuration, such as from `edge_oauth_store::StoreKeys`.
    ///
    /// # Errors
    ///
    /// Returns an error if the configuration has no secret to seal with.
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError>;

    /// Returns a newer response, or gives the lease, or says why not, within `claim.timeout`.
    ///
    /// # Errors
    ///
    /// Returns an error if the store failed or took too long. The token request is then made without it.
    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError>;

    /// Ends a lease and stores its response, within `finish.timeout`. Returns whether a token was accepted.
    ///
    /// # Errors
    ///
    /// Returns an error if the store failed or took too long.
    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError>;

    /// Returns whether all processes that share the store have one machine and one address.
    ///
    /// If so, a server's `Retry-After` is shared and kept for later runs.
    fn is_local(&self) -> bool {
        false
    }
}

/// A [`Store`] whose calls return futures, for tasks. The caller enforces the timeouts.
///
/// A [`Store`] is not an `AsyncStore` by itself, since a task may not block: `edge_oauth_store::StoreThread` makes one
/// of it.
///
/// ```
/// use edge_oauth_driver::testing::MemoryStore;
/// use edge_oauth_driver::{AsyncStore, BoxFuture, StoreKey};
/// use edge_oauth_no_io::{Claim, Claimed, Config, Finish, StoreError};
///
/// /// Another store, whose claims are logged.
/// struct Logged(MemoryStore);
///
/// impl AsyncStore for Logged {
///     fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
///         self.0.key(config)
///     }
///
///     fn claim<'a>(&'a self, key: &'a StoreKey, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed<Vec<u8>>, StoreError>> {
///         println!("claim {}", key.config_id());
///         self.0.claim(key, claim)
///     }
///
///     fn finish<'a>(&'a self, key: &'a StoreKey, finish: Finish<Vec<u8>>) -> BoxFuture<'a, Result<bool, StoreError>> {
///         self.0.finish(key, finish)
///     }
/// }
/// ```
pub trait AsyncStore: MaybeSend + MaybeSync + 'static {
    /// Returns the key of a configuration as [`Store::key`] does.
    ///
    /// # Errors
    ///
    /// Returns an error if the configuration has no secret to seal with.
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError>;

    /// Claims as [`Store::claim`] does.
    fn claim<'a>(
        &'a self,
        key: &'a StoreKey,
        claim: &'a Claim,
    ) -> BoxFuture<'a, Result<Claimed<Vec<u8>>, StoreError>>;

    /// Finishes as [`Store::finish`] does.
    fn finish<'a>(
        &'a self,
        key: &'a StoreKey,
        finish: Finish<Vec<u8>>,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Returns whether all processes that share the store have one machine and one address.
    fn is_local(&self) -> bool {
        false
    }
}

/// Many sources can share one store, and with it one connection.
impl<S: Store + ?Sized> Store for Arc<S> {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        (**self).key(config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        (**self).claim(key, claim)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        (**self).finish(key, finish)
    }

    fn is_local(&self) -> bool {
        (**self).is_local()
    }
}

/// Many sources can share one store, and with it one connection.
impl<S: AsyncStore + ?Sized> AsyncStore for Arc<S> {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        (**self).key(config)
    }

    fn claim<'a>(
        &'a self,
        key: &'a StoreKey,
        claim: &'a Claim,
    ) -> BoxFuture<'a, Result<Claimed<Vec<u8>>, StoreError>> {
        (**self).claim(key, claim)
    }

    fn finish<'a>(
        &'a self,
        key: &'a StoreKey,
        finish: Finish<Vec<u8>>,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        (**self).finish(key, finish)
    }

    fn is_local(&self) -> bool {
        (**self).is_local()
    }
}

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

pub(crate) fn missing_store() -> StoreError {
    StoreError::new("no store is set")
}
