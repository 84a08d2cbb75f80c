//! The settings of a token source.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use edge_oauth_no_io::{Event, Policy};

use crate::maybe_send::{MaybeSend, MaybeSync};

/// Settings of a token source: start from [`Options::default`] and change what matters.
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
    /// That of all sources with clones of these options.
    pub(crate) policy: Arc<Policy>,
    pub(crate) max_wait: Duration,
    pub(crate) max_body: usize,
    pub(crate) replay: bool,
    /// `None`: a random one for each source.
    pub(crate) seed: Option<u64>,
    pub(crate) observer: Option<Observer>,
}

pub(crate) type Observer = Arc<dyn Observe>;

/// A function that is called with each event.
pub(crate) trait Observe: Fn(&Event) + MaybeSend + MaybeSync {}

impl<F: Fn(&Event) + MaybeSend + MaybeSync> Observe for F {}

impl Options {
    /// Sets when to refresh, how long to back off, and how long a request may take.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Arc::new(policy);
        self
    }

    /// Sets how long a call may take, 30 s by default: the wait for a token, and for `send` and `call` the API's responses
    /// too. A caller that is served with the cached token does not wait. Clamped to 10 years.
    #[must_use]
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait.min(MAX_WAIT);
        self
    }

    /// Sets the largest body of an API's response that `send` reads, in bytes; 16 MiB by default.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sets whether a request whose token the API rejects is sent once more with another token, which is the default. A
    /// rejected token is invalidated either way.
    #[must_use]
    pub fn replay(mut self, replay: bool) -> Self {
        self.replay = replay;
        self
    }

    /// Sets what spreads refreshes and retries among clients. Random by default; a fixed one makes a test
    /// repeatable.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets a function that is called with each event, for logs and metrics, in order and one at a time, in the thread or
    /// task of some caller.
    #[must_use]
    pub fn on_event(mut self, observer: impl Fn(&Event) + MaybeSend + MaybeSync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            policy: Arc::clone(&DEFAULT_POLICY),
            max_wait: Duration::from_secs(30),
            max_body: 16 * 1024 * 1024,
            replay: true,
            seed: None,
            observer: None,
        }
    }
}

static DEFAULT_POLICY: LazyLock<Arc<Policy>> = LazyLock::new(Arc::default);

/// Clocks and timers of every runtime can carry it.
const MAX_WAIT: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("policy", &self.policy)
            .field("max_wait", &self.max_wait)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Setter = fn(Options) -> Options;

    #[test]
    fn each_option_is_set_beside_the_others() {
        let setters: [Setter; 6] = [
            |options| options.policy(Policy::default()),
            |options| options.max_wait(Duration::from_secs(7)),
            |options| options.max_body(8),
            |options| options.replay(false),
            |options| options.seed(9),
            |options| options.on_event(|_| {}),
        ];
        let set = |options: Options, setter: &Setter| setter(options);
        let forwards = setters.iter().fold(Options::default(), set);
        let backwards = setters.iter().rev().fold(Options::default(), set);
        for options in [forwards, backwards] {
            assert!(!Arc::ptr_eq(&options.policy, &DEFAULT_POLICY));
            let printed = format!("{options:?}");
            assert!(printed.contains("max_wait: 7s, max_body: 8"), "{printed}");
            assert!(!options.replay && options.seed == Some(9) && options.observer.is_some());
        }
    }

    #[test]
    fn wait_is_ten_years_at_most() {
        let options = Options::default().max_wait(Duration::MAX);
        assert_eq!(options.max_wait, Duration::from_secs(315_360_000));
    }
}
