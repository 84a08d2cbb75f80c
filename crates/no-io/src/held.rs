//! A token that is held, with the plan of its life.

use std::time::Duration;

use crate::moment::Moment;
use crate::noise::Noise;
use crate::policy::{LONGEST_LIFE, Policy};
use crate::schedule::Schedule;
use crate::secret::Secret;
use crate::step::Ticket;
use crate::stored::StoredToken;
use crate::token::AccessToken;

#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) token: AccessToken,
    /// That of the ticket which brought it: a higher one is newer. A restored one is older than all.
    pub(crate) number: u64,
    pub(crate) sent: Moment,
    pub(crate) life: Duration,
    pub(crate) schedule: Schedule,
}

impl Held {
    pub(crate) fn new(
        token: AccessToken,
        ticket: &Ticket,
        policy: &Policy,
        noise: &mut Noise,
    ) -> Self {
        let life = token.expires_in().unwrap_or(policy.assumed_lifetime);
        let schedule = Schedule::new(ticket.sent, life, policy, noise);
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
        noise: &mut Noise,
    ) -> Option<Self> {
        let age = now.wall.checked_sub(stored.sent)?;
        let life = stored.lifetime.min(LONGEST_LIFE);
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
        let mut schedule = Schedule::new(sent, life, policy, noise);
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
