//! A token, and how long it is good for by the server's word.

use std::time::Duration;

use edge_oauth_driver::system_time;
use edge_oauth_no_io::{AccessToken, Moment, StoredToken};

use crate::args::Requirements;
use crate::error::{CliError, Exit};
use crate::output::timestamp;

/// A token, and when it ends.
#[derive(Clone, Debug)]
pub(crate) struct SessionToken {
    pub(crate) token: AccessToken,
    /// Since the Unix epoch; `None` where the server did not say.
    pub(crate) expires_at: Option<Duration>,
}

impl SessionToken {
    /// Returns a token with its end. `cached` is the source's token, which may be another by now. The life of a token that
    /// is not cached counts from when it was first asked for: if anything, that is too early.
    pub(super) fn new(token: AccessToken, cached: Option<StoredToken>, asked: Moment) -> Self {
        let sent = cached
            .filter(|cached| cached.access_token().expose() == token.expose())
            .map_or(asked.wall, |cached| cached.sent());
        let expires_at = token.expires_in().map(|life| sent.saturating_add(life));
        Self { token, expires_at }
    }

    /// How long it lives from now on; `None` where the server did not say.
    pub(crate) fn left(&self) -> Option<Duration> {
        let now = system_time().wall;
        self.expires_at.map(|end| end.saturating_sub(now))
    }

    /// Whether it lives as long as is wanted. An assumption is no promise.
    fn meets(&self, requirements: Requirements) -> bool {
        requirements.min_ttl.is_zero() || self.left() >= Some(requirements.min_ttl)
    }

    /// The token, where it keeps the promise.
    pub(super) fn meeting(self, requirements: Requirements) -> Result<Self, CliError> {
        if self.meets(requirements) {
            return Ok(self);
        }
        let (says, next) = match self.left() {
            Some(left) => (
                format!("the server's new token lives {}", timestamp::span(left)),
                "a shorter --min-ttl, or a longer life in the server's settings of the API",
            ),
            None => (
                "the server does not say how long its tokens live".to_owned(),
                "the same without --min-ttl",
            ),
        };
        let asked = timestamp::span(requirements.min_ttl);
        let message = format!("{says}, and --min-ttl asks for {asked}");
        Err(CliError::new(Exit::Other, message).next(next))
    }
}
