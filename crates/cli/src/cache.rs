//! The token cache: a store in files, in the user's cache folder, or one that machines share.

use std::path::PathBuf;
use std::sync::Arc;

use edge_oauth_driver::Store;
use edge_oauth_no_io::{Secret, StoreError};
use edge_oauth_store::{FileStore, StoreKeys};
use etcetera::BaseStrategy;

/// Opens the cache, and creates its folder if it is missing.
pub(crate) fn open(keys: StoreKeys) -> Result<FileStore, StoreError> {
    Ok(FileStore::open(folder()?)?.with_keys(keys))
}

/// Opens the cache if there is one.
pub(crate) fn existing() -> Result<Option<FileStore>, StoreError> {
    FileStore::open_existing(folder()?)
}

fn folder() -> Result<PathBuf, StoreError> {
    let strategy = etcetera::choose_base_strategy();
    let strategy = strategy.map_err(|_| StoreError::new("this user has no home folder"))?;
    Ok(strategy.cache_dir().join("edge-oauth"))
}

/// The reason why a URL of a shared store is refused, and what to do.
pub(crate) struct InvalidUrl {
    pub(crate) reason: &'static str,
    pub(crate) next: &'static str,
}

/// Checks the URL of a shared store, without a connection.
pub(crate) fn check_url(url: &Secret) -> Result<(), InvalidUrl> {
    if !cfg!(feature = "redis") {
        return Err(InvalidUrl {
            reason: "this build of edge-oauth has no shared store",
            next: "run cargo install edge-oauth-cli --features redis",
        });
    }
    let opened = shared(url, StoreKeys::from_client_secret());
    opened.map(drop).map_err(|_| InvalidUrl {
        reason: "the URL of the shared store cannot be read",
        next: "use redis://HOST, redis://HOST:PORT/DATABASE, or rediss:// for TLS",
    })
}

/// Returns the shared store. It connects at its first use.
#[cfg(feature = "redis")]
pub(crate) fn shared(url: &Secret, keys: StoreKeys) -> Result<Arc<dyn Store>, StoreError> {
    use edge_oauth_redis::redis::Client;
    use edge_oauth_redis::{RedisOptions, RedisStore};

    // The library's error message may repeat the URL.
    let client = Client::open(url.expose()).map_err(|error| StoreError::new(error.category()))?;
    let options = RedisOptions::default().keys(keys);
    Ok(Arc::new(RedisStore::with_options(client, options)?))
}

#[cfg(not(feature = "redis"))]
pub(crate) fn shared(_: &Secret, _: StoreKeys) -> Result<Arc<dyn Store>, StoreError> {
    Err(StoreError::new("this build has no shared store"))
}
