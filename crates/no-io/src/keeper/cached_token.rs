//! A cached token with the plan of its lifetime.

use std::time::Duration;

use crate::clock::Moment;
use crate::config::cache_key::CacheKey;
use crate::keeper::jitter::Jitter;
use crate::keeper::policy::Policy;
use crate::keeper::schedule::Schedule;
use crate::keeper::stored_token::StoredToken;
use crate::secret::Secret;
use crate::timeline::Time;
use crate::token::{AccessToken, MAX_LIFETIME};

#[derive(Debug)]
pub(crate) struct CachedToken {
    pub(crate) token: AccessToken,
    /// The number of the acquisition that brought it: a higher one is newer. A restored token is older than all.
    pub(crate) number: u64,
    pub(crate) sent: Time,
    /// Another process requested it.
    pub(crate) is_adopted: bool,
    pub(crate) lifetime: Duration,
    pub(crate) schedule: Schedule,
}

impl CachedToken {
    pub(crate) fn new(
        token: AccessToken,
        number: u64,
        sent: Time,
        ends_a_gap: bool,
        policy: &Policy,
        jitter: &mut Jitter,
    ) -> Self {
        let lifetime = token.expires_in().unwrap_or(policy.default_lifetime);
        Self {
            token,
            number,
            sent,
            is_adopted: false,
            lifetime,
            schedule: Schedule::new(sent, lifetime, ends_a_gap, policy, jitter),
        }
    }

    /// Returns `None` if the token is not fit for a header, or was requested in the future of this wall clock by more
    /// than clocks differ.
    pub(crate) fn restored(
        stored: &StoredToken,
        time: Time,
        now: Moment,
        policy: &Policy,
        jitter: &mut Jitter,
    ) -> Option<Self> {
        if stored.sent() > now.wall.saturating_add(MAX_CLOCK_SKEW) {
            return None;
        }
        let lifetime = stored.lifetime().min(MAX_LIFETIME);
        let text = stored.access_token().expose();
        let token = AccessToken::new(text, Some(lifetime), stored.scope())?;
        let sent = time.before(now.wall.saturating_sub(stored.sent()));
        // Each run of a program restores the token: it would draw again and again, and refresh at the earliest of all.
        Some(Self::new(token, 0, sent, false, policy, jitter))
    }

    /// Returns the token as plain data. The age is what counts: the wall clock may have been set since the request left.
    pub(crate) fn export(&self, key: CacheKey, time: Time, now: Moment) -> StoredToken {
        let age = time.since(self.sent);
        let scope = self.token.scope().map(str::to_owned);
        let sent = now.wall.saturating_sub(age);
        StoredToken::new(
            key,
            Secret::new(self.token.expose()),
            scope,
            sent,
            self.lifetime,
        )
    }

    pub(crate) fn is_due(&self, time: Time) -> bool {
        time >= self.schedule.due
    }

    pub(crate) fn is_expired(&self, time: Time) -> bool {
        time >= self.schedule.expiry
    }

    /// Returns when the lifetime ends, by the wall clock.
    pub(crate) fn wall_expiry(&self, time: Time, now: Moment) -> Duration {
        let left = self.lifetime.saturating_sub(time.since(self.sent));
        now.wall.saturating_add(left)
    }

    /// Returns how long the token is still handed out.
    pub(crate) fn remaining(&self, time: Time) -> Duration {
        self.schedule.expiry.since(time)
    }
}

/// The distance that the wall clocks of two processes may have.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(5);
