//! A token, and how long it is good for: by the server's word, or by an assumption.

use std::time::Duration;

use edge_oauth_driver::system_time;
use edge_oauth_no_io::{AccessToken, Moment, StoredToken};

use crate::cache::Entry;
use crate::failure::{Exit, Failure};
use crate::session::Want;
use crate::times;

/// A token, and when it ends.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    pub(crate) token: AccessToken,
    /// Since the Unix epoch; `None` where the server did not say.
    pub(crate) expires_at: Option<Duration>,
    /// The same, or what is assumed where the server did not say.
    pub(super) good_until: Duration,
}

impl Ready {
    /// One that is kept.
    pub(super) fn kept(token: AccessToken, entry: &Entry) -> Self {
        let good_until = end_of(&entry.token);
        Self {
            token,
            expires_at: (!entry.assumed).then_some(good_until),
            good_until,
        }
    }

    /// One that has come, and what is to be kept of it. The life of a token that is not held counts from
    /// when it was first asked for: if anything, that is too early.
    pub(super) fn fetched(
        token: AccessToken,
        held: Option<StoredToken>,
        asked: Moment,
    ) -> (Self, Option<Entry>) {
        let life = token.expires_in();
        let good_until = match &held {
            Some(held) => end_of(held),
            None => asked.wall.saturating_add(life.unwrap_or_default()),
        };
        let ready = Self {
            token,
            expires_at: life.map(|_| good_until),
            good_until,
        };
        let entry = held.map(|token| Entry {
            token,
            assumed: life.is_none(),
        });
        (ready, entry)
    }

    /// How long it lives from now on; `None` where the server did not say.
    pub(crate) fn left(&self) -> Option<Duration> {
        let now = system_time().wall;
        self.expires_at.map(|end| end.saturating_sub(now))
    }

    /// Whether it lives as long as is wanted. An assumption is no promise.
    pub(super) fn keeps_promise(&self, want: Want) -> bool {
        want.min_ttl.is_zero() || self.left() >= Some(want.min_ttl)
    }

    /// The token, where it keeps the promise.
    pub(super) fn promised(self, want: Want) -> Result<Self, Failure> {
        if self.keeps_promise(want) {
            return Ok(self);
        }
        let (says, next) = match self.left() {
            Some(left) => (
                format!("the server's new token lives {}", times::span(left)),
                "a shorter --min-ttl, or a longer life in the server's settings of the API",
            ),
            None => (
                "the server does not say how long its tokens live".to_owned(),
                "the same without --min-ttl",
            ),
        };
        let asked = times::span(want.min_ttl);
        let message = format!("{says}, and --min-ttl asks for {asked}");
        Err(Failure::new(Exit::Other, message).next(next))
    }
}

fn end_of(token: &StoredToken) -> Duration {
    token.sent().saturating_add(token.lifetime())
}
