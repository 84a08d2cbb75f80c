//! The shared store that a user or a crate supplies.

use std::sync::Arc;

use edge_oauth_no_io::{Claim, Claimed, Config, Finish, StoreError};

use crate::maybe_send::{BoxFuture, MaybeSend, MaybeSync};
use crate::store_key::StoreKey;

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
    ///
    /// The future is dropped after `claim.timeout`. A lease that the engine gives later ends by itself; a store whose claim
    /// goes on in a task of its own can give it back.
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

pub(crate) fn missing_store() -> StoreError {
    StoreError::new("no store is set")
}
