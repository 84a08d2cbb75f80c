//! A token and its expiry.

use std::time::Duration;

use edge_oauth_driver::system_time;
use edge_oauth_no_io::{AccessToken, Moment, StoredToken};

use crate::args::Requirements;
use crate::error::{CliError, Exit};
use crate::output::timestamp;

/// A token and its expiry.
#[derive(Clone, Debug)]
pub(crate) struct SessionToken {
    pub(crate) token: AccessToken,
    /// Since the Unix epoch. `None` if the server did not say.
    pub(crate) expires_at: Option<Duration>,
}

impl SessionToken {
    /// Returns a token and its expiry. `cached` is the source's token, which may be a newer one. The lifetime of a
    /// token that is not cached counts from its request, so its expiry is never too late.
    pub(super) fn new(token: AccessToken, cached: Option<StoredToken>, asked: Moment) -> Self {
        let sent = cached
            .filter(|cached| cached.access_token().expose() == token.expose())
            .map_or(asked.wall, |cached| cached.sent());
        let expires_at = token.expires_in().map(|life| sent.saturating_add(life));
        Self { token, expires_at }
    }

    /// Returns the remaining lifetime, or `None` if the server did not say.
    pub(crate) fn left(&self) -> Option<Duration> {
        let now = system_time().wall;
        self.expires_at.map(|end| end.saturating_sub(now))
    }

    /// Returns whether the remaining lifetime is long enough. An assumed lifetime is not.
    fn meets(&self, requirements: Requirements) -> bool {
        requirements.min_ttl.is_zero() || self.left() >= Some(requirements.min_ttl)
    }

    /// Returns the token if it meets the requirements.
    pub(super) fn meeting(self, requirements: Requirements) -> Result<Self, CliError> {
        if self.meets(requirements) {
            return Ok(self);
        }
        let (says, next) = match self.left() {
            Some(left) => (
                format!(
                    "the lifetime of the server's new token is {}",
                    timestamp::span(left)
                ),
                "use a shorter --min-ttl, or set a longer lifetime in the server's settings of the API",
            ),
            None => (
                "the server does not say the lifetime of its tokens".to_owned(),
                "omit --min-ttl",
            ),
        };
        let asked = timestamp::span(requirements.min_ttl);
        let message = format!("{says}, and --min-ttl asks for {asked}");
        Err(CliError::new(Exit::Other, message).next(next))
    }
}
