//! How a token source should behave.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use edge_oauth_no_io::{Event, Policy};

/// How a token source should behave: start from [`Options::default`] and change what matters.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_driver::Options;
///
/// let options = Options::default()
///     .max_wait(Duration::from_secs(5))
///     .on_event(|event| eprintln!("{event:?}"));
/// ```
#[derive(Clone)]
pub struct Options {
    pub(crate) policy: Policy,
    pub(crate) max_wait: Duration,
    pub(crate) max_body: usize,
    pub(crate) seed: u64,
    pub(crate) observer: Option<Observer>,
}

type Observer = Arc<dyn Fn(&Event) + Send + Sync>;

impl Options {
    /// When to refresh, how long to wait, and how often to try.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// How long a caller waits for a token at most, 30 s by default. A caller that is served with a
    /// held token never waits. `send` also gives each exchange with the API this time.
    #[must_use]
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }

    /// The largest body of an API's answer that `send` reads, in bytes; 16 MiB by default.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// What spreads refreshes and retries among clients. Random by default; a fixed one makes a test
    /// repeatable.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Called with everything that happens to the token, for logs and metrics, in the thread or task
    /// that made it happen.
    #[must_use]
    pub fn on_event(mut self, observer: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            max_wait: Duration::from_secs(30),
            max_body: 16 * 1024 * 1024,
            // The keys of the standard hash maps are random, and there is one per call.
            seed: RandomState::new().hash_one(()),
            observer: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("policy", &self.policy)
            .field("max_wait", &self.max_wait)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}
