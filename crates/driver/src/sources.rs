//! Many sources, one for each configuration, no more than a bound.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use edge_oauth_no_io::{CacheKey, Config};

/// A map of token sources by what their tokens are good for, for programs that serve many tenants.
///
/// It holds at most a given number; the one that was asked for longest ago goes first. A source that
/// is dropped here lives on in whoever holds a clone of it.
///
/// ```
/// use edge_oauth_driver::TokenSources;
/// use edge_oauth_driver::blocking::TokenSource;
/// use edge_oauth_driver::testing::{Clock, ScriptedTransport};
/// use edge_oauth_no_io::{Config, Secret};
///
/// let sources = TokenSources::new(1000.try_into()?);
/// let transport = ScriptedTransport::new(Clock::new(), |_| Ok(http::Response::new(r#"{"access_token":"abc"}"#.into())));
/// for tenant in ["a", "b", "a"] {
///     let config = Config::new("https://login.example/token", tenant, Secret::new("s3cret"))?;
///     let source = sources.get_or_insert(config, |config| TokenSource::new(transport.clone(), config));
///     source.token()?;
/// }
/// assert_eq!(sources.len(), 2);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct TokenSources<S> {
    capacity: NonZeroUsize,
    map: Mutex<Map<S>>,
}

/// The sources, and the keys in the order of their latest uses.
struct Map<S> {
    sources: HashMap<CacheKey, Entry<S>>,
    uses: BTreeMap<u64, CacheKey>,
    latest: u64,
}

struct Entry<S> {
    source: S,
    /// Who asks with another secret is not given this source.
    config: Config,
    used: u64,
}

impl<S: Clone> TokenSources<S> {
    /// An empty map for at most `capacity` sources.
    pub fn new(capacity: NonZeroUsize) -> Self {
        let map = Map {
            sources: HashMap::new(),
            uses: BTreeMap::new(),
            latest: 0,
        };
        Self {
            capacity,
            map: Mutex::new(map),
        }
    }

    /// The source of this configuration, made with `make` where there is none yet. `make` must not call
    /// the map.
    ///
    /// A source with another secret, or another way of authentication, is not given out: a new one
    /// takes its place.
    pub fn get_or_insert(&self, config: Config, make: impl FnOnce(Config) -> S) -> S {
        let key = config.cache_key();
        let mut map = self.lock();
        let found = map
            .remove(&key)
            .filter(|entry| entry.config.makes_same_requests(&config));
        let source = found.map_or_else(|| make(config.clone()), |entry| entry.source);
        map.insert(key, source.clone(), config);
        if map.sources.len() > self.capacity.get() {
            map.drop_oldest();
        }
        source
    }

    /// Drops the source of this configuration, and returns it.
    pub fn remove(&self, config: &Config) -> Option<S> {
        self.lock()
            .remove(&config.cache_key())
            .map(|entry| entry.source)
    }

    /// How many sources there are.
    pub fn len(&self) -> usize {
        self.lock().sources.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `make` may panic while the lock is held, and then nothing of its source is in the map.
    fn lock(&self) -> MutexGuard<'_, Map<S>> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Map<S> {
    fn insert(&mut self, key: CacheKey, source: S, config: Config) {
        self.latest += 1;
        self.uses.insert(self.latest, key.clone());
        self.sources.insert(
            key,
            Entry {
                source,
                config,
                used: self.latest,
            },
        );
    }

    fn remove(&mut self, key: &CacheKey) -> Option<Entry<S>> {
        let entry = self.sources.remove(key)?;
        self.uses.remove(&entry.used);
        Some(entry)
    }

    fn drop_oldest(&mut self) {
        if let Some((_, key)) = self.uses.pop_first() {
            self.sources.remove(&key);
        }
    }
}

impl<S> fmt::Debug for TokenSources<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSources")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
