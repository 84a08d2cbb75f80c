//! Events in the life of a token, for logs and metrics.

use std::collections::VecDeque;
use std::time::Duration;

use crate::rate_limits::RateLimits;
use crate::store::error::StoreError;
use crate::token_response::error::TokenError;

/// One thing that happened, as plain data without secrets. A keeper reports events in the order in which they
/// happened.
///
/// ```
/// use edge_oauth_no_io::Event;
///
/// fn log(event: &Event) {
///     match event {
///         Event::Fetched { lifetime, .. } => println!("a token for {lifetime:?}"),
///         Event::Failed { error, backoff, .. } => println!("{error}; next attempt in {backoff:?}"),
///         other => println!("{other:?}"),
///     }
/// }
/// # log(&Event::Replaced);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A token arrived.
    #[non_exhaustive]
    Fetched {
        /// How long it is valid, counted from when its request left.
        lifetime: Duration,
        /// The time from when the request left until the response was read.
        took: Duration,
        /// True if it is cached. A token that is within its expiry margin on arrival goes to the callers that waited for it.
        cached: bool,
        /// When its lifetime ends, by the wall clock, since the Unix epoch.
        expiry: Duration,
        /// The number of this attempt since the last success, from 1.
        attempt: u32,
    },
    /// A token of another process was taken from the shared store.
    #[non_exhaustive]
    Adopted {
        /// How long it is valid, counted from when its request left.
        lifetime: Duration,
        /// How old it is.
        age: Duration,
        /// When its lifetime ends, by the wall clock, since the Unix epoch.
        expiry: Duration,
    },
    /// A stored token was taken over by [`Keeper::restore`](crate::Keeper::restore).
    #[non_exhaustive]
    Restored {
        /// How long it is valid, counted from when its request left.
        lifetime: Duration,
        /// When its lifetime ends, by the wall clock, since the Unix epoch.
        expiry: Duration,
    },
    /// A refresh started, and its caller was served with the cached token.
    #[non_exhaustive]
    RefreshStarted {
        /// The age of the cached token.
        age: Duration,
    },
    /// A token response has rate or quota headers.
    ///
    /// A bucket with a name that no server is known to use has the name `other`: servers write anything into it.
    #[non_exhaustive]
    Quota {
        /// The headers.
        limits: RateLimits,
    },
    /// The shared store failed, and the token request was made without it.
    #[non_exhaustive]
    StoreFailed {
        /// The error.
        error: StoreError,
    },
    /// An attempt failed. [`TokenError::is_transient`] tells whether something has to be changed.
    #[non_exhaustive]
    Failed {
        /// The error.
        error: TokenError,
        /// No other attempt is made before this time has passed.
        backoff: Duration,
        /// True if callers are still served with the cached token.
        serving: bool,
        /// The time from when the request left until the outcome; `None` if this process sent no request, such as if an
        /// assertion is missing or the error is of another process.
        took: Option<Duration>,
        /// The number of this attempt since the last success, from 1.
        attempt: u32,
    },
    /// A caller was served with the cached token while a refresh is in flight; once per refresh.
    ServedWhileRefreshing,
    /// A caller has to wait until a backoff is over; once per backoff.
    #[non_exhaustive]
    Waiting {
        /// How much of the backoff is left.
        backoff: Duration,
    },
    /// An API rejected the cached token, and it was dropped.
    #[non_exhaustive]
    Invalidated {
        /// The age of the token.
        age: Duration,
    },
    /// An acquisition came back without an outcome: its caller or its task was cancelled.
    Cancelled,
    /// An acquisition did not come back in time.
    Lapsed,
    /// The configuration was replaced.
    Replaced,
}

/// The events that were not read yet; beyond a bound, the oldest are dropped.
#[derive(Debug, Default)]
pub(crate) struct Journal(VecDeque<Event>);

impl Journal {
    pub(crate) fn record(&mut self, event: Event) {
        if self.0.len() == MAX_EVENTS {
            self.0.pop_front();
        }
        self.0.push_back(event);
    }

    /// A list that is empty gives its memory back: a source is idle for most of a token's lifetime.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let event = self.0.pop_front();
        if self.0.is_empty() {
            self.0 = VecDeque::new();
        }
        event
    }
}

const MAX_EVENTS: usize = 64;
