//! The state of one token and its requests. `poll.rs` has the table of what to do in which state.

use std::sync::Arc;
use std::time::Duration;

use crate::acquisition::known::Known;
use crate::acquisition::rejected::Rejected;
use crate::clock::Moment;
use crate::config::config::Config;
use crate::keeper::cached_token::CachedToken;
use crate::keeper::event::{Event, Journal};
use crate::keeper::failures::Failures;
use crate::keeper::flights::Flights;
use crate::keeper::jitter::Jitter;
use crate::keeper::policy::Policy;
use crate::store::finish::Finish;
use crate::store::shared_response::SharedResponse;
use crate::timeline::{Time, Timeline};
use crate::token::AccessToken;

/// Keeps one token valid, for any number of callers.
///
/// `poll` asks what to do, `finish` tells what came of it. The keeper touches no clock and no socket: every call says
/// what time it is. An extra call is harmless.
///
/// `poll` is this table. *Backing off* means that the next attempt is delayed, by a failure or by `Retry-After`.
///
/// | cached token \ acquisition | none in flight | in flight | backing off |
/// |---|---|---|---|
/// | fresh | `Use` | `Use` | `Use` |
/// | due for refresh | `Refresh` | `Use` | `Use` |
/// | none, or expired | `Send` | `Wait` | `Wait`; `Fail` after a permanent error, or if the backoff is longer than the caller has |
///
/// An acquisition runs in this place:
///
/// | the last acquisition without an outcome | `Refresh` | `Send` |
/// |---|---|---|
/// | none since the last outcome | background | here; in the background if the caller may leave, or has less time than the timeout |
/// | was lost in the background | here; later in the background, if the caller never waits | here; later in the background, if the caller never waits |
/// | was lost here | background | background |
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Action, Completion, Config, Keeper, Moment, Policy, Secret, SecretBytes, Step};
///
/// let at = |seconds| Moment {
///     monotonic: Duration::from_secs(seconds),
///     wall: Duration::from_secs(1_800_000_000 + seconds),
/// };
/// let config = Config::builder("https://login.example/token", "my-client").client_secret(Secret::new("s3cret")).build()?;
/// let mut keeper = Keeper::new(config, Policy::default(), 7);
///
/// let Step::Send(mut acquisition) = keeper.poll(at(0)) else { panic!("no token is cached yet") };
/// assert!(matches!(keeper.poll(at(0)), Step::Wait { .. }), "one request at a time");
///
/// // Send the request with any HTTP library, and hand over the response.
/// let Action::Send(request, limits) = acquisition.poll(at(0), [0; 16]) else { panic!("a secret needs no assertion") };
/// let body = SecretBytes::new(br#"{"access_token":"abc","expires_in":900}"#.to_vec());
/// acquisition.handle(Completion::Response(http::Response::new(body)), at(1));
/// keeper.finish(acquisition, at(1));
///
/// assert!(matches!(keeper.poll(at(300)), Step::Use(_)));
/// assert!(matches!(keeper.poll(at(800)), Step::Refresh { .. }));
/// assert!(matches!(keeper.poll(at(801)), Step::Use(_)), "callers do not wait for the refresh");
/// assert!(matches!(keeper.poll(at(870)), Step::Send(_)), "the expiry margin has begun");
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Debug)]
pub struct Keeper {
    pub(super) config: Config,
    pub(super) policy: Arc<Policy>,
    pub(super) jitter: Jitter,
    pub(super) timeline: Timeline,
    pub(super) cached: Option<CachedToken>,
    pub(super) uncached: Option<Uncached>,
    pub(super) flights: Flights,
    pub(super) failures: Failures,
    pub(super) invalidations: u32,
    pub(super) rejected: Rejected,
    /// The server did not respond to a refresh within the time that a refresh has.
    pub(super) slow: bool,
    /// A replacement lifted a backoff, and no acquisition has started since.
    pub(super) is_lifted: bool,
    /// `None` without a shared store. Boxed, as the next: most sources have none.
    pub(super) known: Option<Box<Known>>,
    /// The store is of one machine.
    pub(super) is_local: bool,
    /// The end of a lease, to be handed to the store.
    pub(super) finish: Option<Box<Finish<SharedResponse>>>,
    /// The start of the first acquisition since the last replacement, by the monotonic clock.
    pub(super) first_start: Option<Duration>,
    pub(super) journal: Journal,
}

/// The token of an acquisition whose lifetime was too short to be cached, for its waiting callers.
#[derive(Debug)]
pub(super) struct Uncached {
    /// That of the acquisition.
    pub(super) number: u64,
    pub(super) token: AccessToken,
    /// When its lifetime is over; `None` if it is so short that it is never cached: another one would be no better.
    pub(super) ends: Option<Time>,
}

impl Keeper {
    /// Returns a keeper without a token. The seed spreads refreshes and retries among clients that start at one time:
    /// give each another, from any source. Many keepers can share one `Arc` of a policy.
    pub fn new(config: Config, policy: impl Into<Arc<Policy>>, seed: u64) -> Self {
        Self {
            config,
            policy: policy.into(),
            jitter: Jitter::new(seed),
            timeline: Timeline::new(),
            cached: None,
            uncached: None,
            flights: Flights::new(),
            failures: Failures::default(),
            invalidations: 0,
            rejected: Rejected::default(),
            slow: false,
            is_lifted: false,
            known: None,
            is_local: false,
            finish: None,
            first_start: None,
            journal: Journal::default(),
        }
    }

    /// Returns a keeper whose acquisitions ask a shared store before they request a token ([`Action::Claim`]).
    ///
    /// After each [`finish`](Self::finish), hand [`poll_finish`](Self::poll_finish) to the store.
    ///
    /// [`Action::Claim`]: crate::Action::Claim
    #[must_use]
    pub fn with_store(mut self) -> Self {
        self.known = Some(Box::default());
        self
    }

    /// Returns a keeper with a store as [`with_store`](Self::with_store) does, one that the processes of one machine
    /// share. All of them have one address, so each keeps to the `Retry-After` that any of them got, also if it started
    /// later; a caller that asks for a refresh does not.
    #[must_use]
    pub fn with_local_store(mut self) -> Self {
        self.is_local = true;
        self.with_store()
    }

    /// Takes a reading of the clocks, and drops what time has ended.
    pub(super) fn observe(&mut self, now: Moment) -> Time {
        let time = self.timeline.observe(now);
        // Promise 4: expired as soon as either clock says so.
        let expired = self.cached.take_if(|cached| cached.is_expired(time));
        if expired.is_some() {
            self.invalidations = 0;
        }
        self.failures.observe(time);
        if self.flights.lapse(now.monotonic) {
            self.journal.record(Event::Lapsed);
        }
        time
    }
}
