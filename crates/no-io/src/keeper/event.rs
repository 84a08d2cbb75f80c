//! What happened to a token, for logs and metrics.

use std::collections::VecDeque;
use std::time::Duration;

use crate::token_response::error::TokenError;

/// One thing that happened, as plain data without secrets.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A token arrived.
    #[non_exhaustive]
    Fetched {
        /// How long it lives, counted from when its request was sent.
        lifetime: Duration,
        /// How long the exchange took.
        took: Duration,
        /// Whether it is kept. One whose life is over on arrival, but for its margin, goes to those
        /// who waited for it and is not kept.
        kept: bool,
    },
    /// An attempt failed in a way that may pass.
    #[non_exhaustive]
    Failed {
        /// What went wrong.
        error: TokenError,
        /// No other attempt is made before this time has passed.
        pause: Duration,
        /// Whether callers are still served with the token that is held.
        serving: bool,
    },
    /// The server refused for good: something has to be changed.
    #[non_exhaustive]
    Refused {
        /// What it said.
        error: TokenError,
        /// No other attempt is made before this time has passed.
        pause: Duration,
        /// Whether callers are still served with the token that is held.
        serving: bool,
    },
    /// A caller was served with the held token while a refresh is under way; once per refresh.
    ServedWhileRefreshing,
    /// A caller has to wait until a pause is over; once per pause.
    #[non_exhaustive]
    Waiting {
        /// How long the pause goes on.
        pause: Duration,
    },
    /// A resource server refused the held token, and it was dropped.
    Invalidated,
    /// An exchange was given up by its caller.
    Cancelled,
    /// An exchange was not reported in time.
    Lapsed,
    /// The configuration was replaced.
    Replaced,
}

/// The events that nobody has read yet; where nobody does, the oldest go.
#[derive(Debug, Default)]
pub(crate) struct Journal(VecDeque<Event>);

impl Journal {
    pub(crate) fn record(&mut self, event: Event) {
        if self.0.len() == MOST_EVENTS {
            self.0.pop_front();
        }
        self.0.push_back(event);
    }

    pub(crate) fn next(&mut self) -> Option<Event> {
        self.0.pop_front()
    }
}

const MOST_EVENTS: usize = 64;
