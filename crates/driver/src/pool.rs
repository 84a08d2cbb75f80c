//! Many sources, one for each cache key, up to a bound.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use edge_oauth_no_io::{CacheKey, Config};

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
use crate::blocking;
use crate::nonblocking;

/// A source that a pool can hold: both `TokenSource` types are.
///
/// ```
/// use edge_oauth_driver::PooledSource;
/// use edge_oauth_driver::blocking::TokenSource;
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
/// }
/// ```
pub trait PooledSource: Clone {
    /// Replaces the configuration and keeps the token.
    fn replace_config(&self, config: Config);
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl<R: blocking::Runtime> PooledSource for blocking::TokenSource<R> {
    fn replace_config(&self, config: Config) {
        Self::replace_config(self, config);
    }
}

impl<R: nonblocking::Runtime> PooledSource for nonblocking::TokenSource<R> {
    fn replace_config(&self, config: Config) {
        Self::replace_config(self, config);
    }
}

/// A map of token sources by cache key, for programs that serve many tenants.
///
/// It holds at most a given number of sources. If one has to go, it is one that was not asked for lately. A source that
/// is dropped here lives on in its clones.
///
/// A rotated secret or another method of client authentication has the same cache key: asking with it rotates the source
/// that is there, which keeps its token.
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
    capacity: NonZeroUsize,
    map: Mutex<Map<S>>,
}

struct Map<S> {
    sources: HashMap<CacheKey, Entry<S>>,
    /// All keys, in the order in which they will be looked at if one has to go.
    order: VecDeque<CacheKey>,
}

struct Entry<S> {
    source: S,
    config: Config,
    /// Since its key was last looked at.
    was_used: bool,
}

impl<S: PooledSource> TokenSourcePool<S> {
    /// Returns an empty pool for at most `capacity` sources.
    pub fn new(capacity: NonZeroUsize) -> Self {
        let map = Map {
            sources: HashMap::new(),
            order: VecDeque::new(),
        };
        Self {
            capacity,
            map: Mutex::new(map),
        }
    }

    /// Returns the source of this configuration, made with `make` if there is none yet. `make` must not call the pool.
    ///
    /// A configuration with another secret rotates the source that is there.
    pub fn get_or_insert(&self, config: Config, make: impl FnOnce(Config) -> S) -> S {
        let mut map = self.lock();
        if let Some(entry) = map.entry(config.cache_key()) {
            let source = entry.source.clone();
            let is_rotated = !entry.config.makes_same_requests(&config);
            if is_rotated {
                entry.config = config.clone();
            }
            drop(map);
            if is_rotated {
                source.replace_config(config);
            }
            return source;
        }
        let source = make(config.clone());
        map.insert(config, source.clone());
        if map.sources.len() > self.capacity.get() {
            map.drop_one();
        }
        source
    }

    /// Returns the source with this cache key.
    pub fn get(&self, key: &CacheKey) -> Option<S> {
        self.lock().entry(key).map(|entry| entry.source.clone())
    }

    /// Drops the source with this cache key from the pool, and returns it.
    pub fn remove(&self, key: &CacheKey) -> Option<S> {
        let mut map = self.lock();
        let entry = map.sources.remove(key)?;
        map.order.retain(|other| other != key);
        Some(entry.source)
    }

    /// Returns all sources with their configurations, in no order.
    pub fn sources(&self) -> Vec<(Config, S)> {
        let map = self.lock();
        let pairs = map.sources.values();
        pairs
            .map(|entry| (entry.config.clone(), entry.source.clone()))
            .collect()
    }

    /// Returns the number of sources.
    pub fn len(&self) -> usize {
        self.lock().sources.len()
    }

    /// Returns whether there are no sources.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `make` may panic while the lock is held, and then nothing of its source is in the map.
    fn lock(&self) -> MutexGuard<'_, Map<S>> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Map<S> {
    fn entry(&mut self, key: &CacheKey) -> Option<&mut Entry<S>> {
        let entry = self.sources.get_mut(key)?;
        entry.was_used = true;
        Some(entry)
    }

    fn insert(&mut self, config: Config, source: S) {
        let key = config.cache_key().clone();
        let entry = Entry {
            source,
            config,
            was_used: true,
        };
        if self.sources.insert(key.clone(), entry).is_none() {
            self.order.push_back(key);
        }
    }

    /// A source that was used since it was last looked at has a second chance: it is marked, and goes to the back. So a
    /// lookup changes no order.
    fn drop_one(&mut self) {
        while let Some(key) = self.order.pop_front() {
            match self.sources.get_mut(&key) {
                Some(entry) if entry.was_used => {
                    entry.was_used = false;
                    self.order.push_back(key);
                }
                _ => {
                    self.sources.remove(&key);
                    return;
                }
            }
        }
    }
}

impl<S> fmt::Debug for TokenSourcePool<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSourcePool")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
