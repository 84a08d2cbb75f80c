//! A store in memory.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use edge_oauth_no_io::{
    Claim, Claimed, Config, Finish, Moment, ReferenceStore, Secret, SharedResponse, StoreError,
};

use crate::clock::system_time;
use crate::maybe_send::BoxFuture;
use crate::store::{AsyncStore, Store};
use crate::store_key::{Seal, StoreKey};
use crate::sync::{Mutex, PoisonError};

/// A shared store in memory, for tests without a network. Nothing in it is sealed.
///
/// Its clock is the system's wall clock, or that of a [`Clock`](crate::testing::Clock).
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use edge_oauth_driver::Store;
/// use edge_oauth_driver::testing::MemoryStore;
/// use edge_oauth_no_io::{Claim, Config, Found, Secret};
///
/// let store = Arc::new(MemoryStore::new()); // one for all sources
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let claim = Claim {
///     known: 0,
///     lease: Duration::from_secs(3),
///     max_error_age: Duration::ZERO,
///     until: Duration::MAX,
///     timeout: Duration::from_millis(100),
/// };
/// let claimed = store.claim(&store.key(&config)?, &claim)?;
/// assert!(matches!(claimed.found, Found::Lease { .. }));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct MemoryStore {
    keys: Mutex<HashMap<String, ReferenceStore<Vec<u8>>>>,
    now: Box<dyn Fn() -> Moment + Send + Sync>,
}

impl MemoryStore {
    /// Returns an empty store with the system's wall clock.
    pub fn new() -> Self {
        Self::with_clock(system_time)
    }

    /// Returns an empty store whose clock is the wall clock of `now`.
    pub fn with_clock(now: impl Fn() -> Moment + Send + Sync + 'static) -> Self {
        Self {
            keys: Mutex::default(),
            now: Box::new(now),
        }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn step<R>(
        &self,
        key: &StoreKey,
        step: impl FnOnce(&mut ReferenceStore<Vec<u8>>, Duration) -> R,
    ) -> R {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        step(
            keys.entry(key.name().to_owned()).or_default(),
            (self.now)().wall,
        )
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        let id = config.store_id();
        let mut name = DefaultHasher::new();
        let secret = config.client_secret().map(Secret::expose);
        (&id, secret).hash(&mut name);
        let id = String::from_utf8_lossy(id.as_ref()).into_owned();
        Ok(StoreKey::new(format!("{:x}", name.finish()), id, Unsealed))
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        Ok(self.step(key, |store, now| store.claim(claim, now)))
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        Ok(self.step(key, |store, now| store.finish(finish, now)))
    }
}

impl AsyncStore for MemoryStore {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        Store::key(self, config)
    }

    fn claim<'a>(
        &'a self,
        key: &'a StoreKey,
        claim: &'a Claim,
    ) -> BoxFuture<'a, Result<Claimed<Vec<u8>>, StoreError>> {
        Box::pin(async move { Store::claim(self, key, claim) })
    }

    fn finish<'a>(
        &'a self,
        key: &'a StoreKey,
        finish: Finish<Vec<u8>>,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move { Store::finish(self, key, finish) })
    }
}

struct Unsealed;

impl Seal for Unsealed {
    fn seal(
        &self,
        number: u64,
        response: &SharedResponse,
        _: Duration,
    ) -> Result<Vec<u8>, StoreError> {
        Ok([&number.to_be_bytes(), response.to_bytes().as_ref()].concat())
    }

    fn open(&self, number: u64, sealed: Vec<u8>) -> Option<SharedResponse> {
        let response = sealed.strip_prefix(&number.to_be_bytes())?;
        SharedResponse::from_bytes(response)
    }
}
