//! A token that is held, with the plan of its life.

use std::time::Duration;

use crate::clock::Moment;
use crate::keeper::jitter::Jitter;
use crate::keeper::policy::{MAX_LIFETIME, Policy};
use crate::keeper::schedule::Schedule;
use crate::keeper::step::Ticket;
use crate::keeper::stored_token::StoredToken;
use crate::secret::Secret;
use crate::token::AccessToken;

#[derive(Debug)]
pub(crate) struct CachedToken {
    pub(crate) token: AccessToken,
    /// That of the ticket which brought it: a higher one is newer. A restored one is older than all.
    pub(crate) number: u64,
    pub(crate) sent: Moment,
    pub(crate) life: Duration,
    pub(crate) schedule: Schedule,
}

impl CachedToken {
    pub(crate) fn new(
        token: AccessToken,
        ticket: &Ticket,
        policy: &Policy,
        jitter: &mut Jitter,
    ) -> Self {
        let life = token.expires_in().unwrap_or(policy.default_lifetime);
        let schedule = Schedule::new(ticket.sent, life, policy, jitter);
        Self {
            token,
            number: ticket.number,
            sent: ticket.sent,
            life,
            schedule,
        }
    }

    /// `None` where the token is not fit for a header, or claims to be from the future.
    pub(crate) fn restored(
        stored: &StoredToken,
        now: Moment,
        policy: &Policy,
        jitter: &mut Jitter,
    ) -> Option<Self> {
        let age = now.wall.checked_sub(stored.sent)?;
        let life = stored.lifetime.min(MAX_LIFETIME);
        let token = AccessToken::new(
            stored.access_token.expose(),
            Some(life),
            stored.scope.as_deref(),
        )?;
        // The monotonic clock may be younger than the token: its part of the plan is made from zero,
        // and what the token has lived already is taken off.
        let sent = Moment {
            monotonic: Duration::ZERO,
            wall: stored.sent,
        };
        let mut schedule = Schedule::new(sent, life, policy, jitter);
        for point in [&mut schedule.due, &mut schedule.dead] {
            point.monotonic = now
                .monotonic
                .saturating_add(point.monotonic.saturating_sub(age));
        }
        let sent = Moment {
            monotonic: now.monotonic.saturating_sub(age),
            wall: stored.sent,
        };
        Some(Self {
            token,
            number: 0,
            sent,
            life,
            schedule,
        })
    }

    pub(crate) fn export(&self) -> StoredToken {
        StoredToken {
            access_token: Secret::new(self.token.expose()),
            scope: self.token.scope().map(str::to_owned),
            sent: self.sent.wall,
            lifetime: self.life,
        }
    }

    pub(crate) fn is_due(&self, now: Moment) -> bool {
        now.has_reached(self.schedule.due)
    }

    pub(crate) fn is_dead(&self, now: Moment) -> bool {
        now.has_reached(self.schedule.dead)
    }
}
