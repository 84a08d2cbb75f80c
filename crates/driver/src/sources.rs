//! Many sources, one for each configuration, no more than a bound.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use edge_oauth_no_io::{CacheKey, Config};
use lru::LruCache;

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
pub struct TokenSources<S>(Mutex<LruCache<CacheKey, S>>);

impl<S: Clone> TokenSources<S> {
    /// An empty map for at most `capacity` sources.
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self(Mutex::new(LruCache::new(capacity)))
    }

    /// The source of this configuration, made with `make` where there is none yet.
    ///
    /// The secret is no part of the key: a source that is found keeps its own. After a rotation, call
    /// its `replace_config`.
    pub fn get_or_insert(&self, config: Config, make: impl FnOnce(Config) -> S) -> S {
        self.lock()
            .get_or_insert(config.cache_key(), || make(config))
            .clone()
    }

    /// Drops the source of this configuration, and returns it.
    pub fn remove(&self, config: &Config) -> Option<S> {
        self.lock().pop(&config.cache_key())
    }

    /// How many sources there are.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<CacheKey, S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> fmt::Debug for TokenSources<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSources").finish_non_exhaustive()
    }
}
