//! Many sources, one for each configuration, no more than a bound.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use edge_oauth_no_io::{CacheKey, Config};

/// A map of token sources by what their tokens are good for, for programs that serve many tenants.
///
/// It holds at most a given number; where one has to go, it is one that was not asked for lately. A
/// source that is dropped here lives on in whoever holds a clone of it.
///
/// ```
/// use edge_oauth_driver::TokenSourcePool;
/// use edge_oauth_driver::blocking::TokenSource;
/// use edge_oauth_driver::testing::{Clock, ScriptedTransport};
/// use edge_oauth_no_io::{Config, Secret};
///
/// let sources = TokenSourcePool::new(1000.try_into()?);
/// let transport = ScriptedTransport::new(Clock::new(), |_| Ok(http::Response::new(r#"{"access_token":"abc"}"#.into())));
/// for tenant in ["a", "b", "a"] {
///     let config = Config::builder("https://login.example/token", tenant).client_secret(Secret::new("s3cret")).build()?;
///     let source = sources.get_or_insert(config, |config| TokenSource::new(transport.clone(), config));
///     source.token()?;
/// }
/// assert_eq!(sources.len(), 2);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct TokenSourcePool<S> {
    capacity: NonZeroUsize,
    map: Mutex<Map<S>>,
}

struct Map<S> {
    sources: HashMap<CacheKey, Entry<S>>,
    /// All keys, in the order in which they will be looked at when one has to go.
    order: VecDeque<CacheKey>,
}

struct Entry<S> {
    source: S,
    /// Who asks with another secret is not given this source.
    config: Config,
    /// Since its key was last looked at.
    was_used: bool,
}

impl<S: Clone> TokenSourcePool<S> {
    /// An empty map for at most `capacity` sources.
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

    /// The source of this configuration, made with `make` where there is none yet. `make` must not call
    /// the map.
    ///
    /// A source with another secret, or another way of authentication, is not given out: a new one
    /// takes its place.
    pub fn get_or_insert(&self, config: Config, make: impl FnOnce(Config) -> S) -> S {
        let mut map = self.lock();
        if let Some(source) = map.get(&config) {
            return source;
        }
        let source = make(config.clone());
        map.insert(config, source.clone());
        if map.sources.len() > self.capacity.get() {
            map.drop_one();
        }
        source
    }

    /// The source of this configuration, where there is one.
    pub fn get(&self, config: &Config) -> Option<S> {
        self.lock().get(config)
    }

    /// Drops the source of this configuration, and returns it.
    pub fn remove(&self, config: &Config) -> Option<S> {
        let key = config.cache_key();
        let mut map = self.lock();
        let entry = map.sources.remove(&key)?;
        map.order.retain(|other| *other != key);
        Some(entry.source)
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

impl<S: Clone> Map<S> {
    fn get(&mut self, config: &Config) -> Option<S> {
        let entry = self.sources.get_mut(&config.cache_key())?;
        if !entry.config.makes_same_requests(config) {
            return None;
        }
        entry.was_used = true;
        Some(entry.source.clone())
    }

    fn insert(&mut self, config: Config, source: S) {
        let key = config.cache_key();
        let entry = Entry {
            source,
            config,
            was_used: true,
        };
        if self.sources.insert(key.clone(), entry).is_none() {
            self.order.push_back(key);
        }
    }

    /// What was used since it was last looked at has a second chance: it is marked, and goes to the back.
    /// So a lookup changes no order, and has to find nothing but its entry.
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
