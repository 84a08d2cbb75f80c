//! Many sources, one for each cache key, up to a bound.

mod shard;
mod shards;

use std::fmt;
use std::mem;
use std::num::NonZeroUsize;

use edge_oauth_no_io::{CacheKey, Config};

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use crate::blocking;
use crate::endpoints::Endpoints;
use crate::nonblocking;
use crate::pool::shards::Shards;

/// A source that a pool can hold: both `TokenSource` types are.
///
/// ```
/// use edge_oauth_driver::blocking::TokenSource;
/// use edge_oauth_driver::{Endpoints, PooledSource};
/// use edge_oauth_no_io::Config;
///
/// /// A source with a name beside it.
/// #[derive(Clone)]
/// struct Named(&'static str, TokenSource);
///
/// impl PooledSource for Named {
///     fn replace_config(&self, config: Config) {
///         self.1.replace_config(config);
///     }
///
///     fn share_endpoints(&self, endpoints: &Endpoints) {
///         self.1.share_endpoints(endpoints);
///     }
/// }
/// ```
pub trait PooledSource: Clone {
    /// Replaces the configuration and keeps the token.
    fn replace_config(&self, config: Config);

    /// Shares with other sources from now on which endpoints fail. A source shares it once: later calls change nothing.
    fn share_endpoints(&self, endpoints: &Endpoints);
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl<R: blocking::Runtime> PooledSource for blocking::TokenSource<R> {
    fn replace_config(&self, config: Config) {
        Self::replace_config(self, config);
    }

    fn share_endpoints(&self, endpoints: &Endpoints) {
        Self::share_endpoints(self, endpoints);
    }
}

impl<R: nonblocking::Runtime> PooledSource for nonblocking::TokenSource<R> {
    fn replace_config(&self, config: Config) {
        Self::replace_config(self, config);
    }

    fn share_endpoints(&self, endpoints: &Endpoints) {
        Self::share_endpoints(self, endpoints);
    }
}

/// A map of token sources by cache key, for programs that serve many tenants.
///
/// It holds at most a given number of sources. If one has to go, it is one that was not asked for lately: the least
/// recently used source, exactly so in a pool of up to a thousand, and the least recently used of a part of a larger pool.
/// A source that is dropped here lives on in its clones. Each call takes constant time, and `sources` locks a few sources
/// at a time.
///
/// The sources share which endpoints fail: an endpoint that fails gets one request a second at most from all of them
/// ([`EndpointHealth`](edge_oauth_no_io::EndpointHealth)).
///
/// A rotated secret or another method of client authentication has the same cache key: asking with it rotates the source
/// that is there, which keeps its token. So the pool does not check a secret: a caller with the client id and a wrong
/// secret gets the token of the right one, and replaces its secret. Take both from your own records, not from a request.
///
/// ```
/// use edge_oauth_driver::TokenSourcePool;
/// use edge_oauth_driver::blocking::TokenSource;
/// use edge_oauth_driver::testing::ScriptedTransport;
/// use edge_oauth_no_io::{Config, Secret};
///
/// let pool = TokenSourcePool::new(1000.try_into()?);
/// let transport = ScriptedTransport::new(|_| Ok(http::Response::new(r#"{"access_token":"abc"}"#.into())));
/// for (tenant, secret) in [("a", "old"), ("b", "old"), ("a", "rotated")] {
///     let config = Config::builder("https://login.example/token", tenant).client_secret(Secret::new(secret)).build()?;
///     let source = pool.get_or_insert(config, |config| TokenSource::new(transport.clone(), config));
///     source.token()?;
/// }
/// assert_eq!(pool.len(), 2);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct TokenSourcePool<S> {
    sources: Shards<CacheKey, Entry<S>>,
    endpoints: Endpoints,
}

struct Entry<S> {
    source: S,
    config: Config,
}

impl<S: PooledSource> TokenSourcePool<S> {
    /// Returns an empty pool for at most `capacity` sources.
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self {
            sources: Shards::new(capacity.get()),
            endpoints: Endpoints::default(),
        }
    }

    /// Returns the source of this configuration, made with `make` if there is none yet. If several threads ask for a new
    /// source at once, each may make one: the first that is in the pool is the source of all, and the others are dropped.
    ///
    /// A configuration with another secret rotates the source that is there.
    pub fn get_or_insert(&self, config: Config, make: impl FnOnce(Config) -> S) -> S {
        let key = self.sources.hashed(config.cache_key());
        let ask = |entry: &mut Entry<S>| entry.asked_with(&config);
        let (source, replaced) = match self.sources.with(&key, ask) {
            Some(found) => found,
            None => {
                // Without a lock: this is foreign code, which may take its time.
                let source = make(config.clone());
                source.share_endpoints(&self.endpoints);
                let entry = Entry {
                    source: source.clone(),
                    config: config.clone(),
                };
                let other = self.sources.insert_or(key, entry, ask);
                other.unwrap_or((source, None))
            }
        };
        if replaced.is_some() {
            self.rotate(&source, config);
        }
        source
    }

    /// Replaces the configuration of a source without the lock, since an observer may call the pool. If another thread
    /// rotates the source meanwhile, both end with the configuration that the pool has.
    fn rotate(&self, source: &S, mut config: Config) {
        loop {
            source.replace_config(config.clone());
            let key = self.sources.hashed(config.cache_key());
            match self.sources.with(&key, |entry| entry.config.clone()) {
                Some(latest) if !latest.makes_same_requests(&config) => config = latest,
                _ => return,
            }
        }
    }

    /// Returns the source with this cache key.
    pub fn get(&self, key: &CacheKey) -> Option<S> {
        let key = self.sources.hashed(key);
        self.sources.with(&key, |entry| entry.source.clone())
    }

    /// Drops the source with this cache key from the pool, and returns it.
    pub fn remove(&self, key: &CacheKey) -> Option<S> {
        let removed = self.sources.remove(&self.sources.hashed(key))?;
        Some(removed.source)
    }

    /// Returns all sources with their configurations, in no order. A source that is inserted or removed meanwhile may be
    /// among them or not.
    pub fn sources(&self) -> Vec<(Config, S)> {
        self.sources
            .copies(|entry| (entry.config.clone(), entry.source.clone()))
    }

    /// Returns the number of sources.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Returns whether there are no sources.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<S: Clone> Entry<S> {
    /// Returns the source, and the configuration in whose place this one is, if that changes its requests.
    fn asked_with(&mut self, config: &Config) -> (S, Option<Config>) {
        let is_rotated = !self.config.makes_same_requests(config);
        let replaced = is_rotated.then(|| mem::replace(&mut self.config, config.clone()));
        (self.source.clone(), replaced)
    }
}

impl<S> fmt::Debug for TokenSourcePool<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSourcePool")
            .field("capacity", &self.sources.capacity())
            .finish_non_exhaustive()
    }
}
