//! The plan of one token's life: until when it is handed out, and from when it is refreshed.

use std::time::Duration;

use crate::clock::Moment;
use crate::keeper::jitter::Jitter;
use crate::keeper::policy::{MIN_BACKOFF, Policy};

#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    /// From here on a refresh is due.
    pub(crate) due: Moment,
    /// From here on the token is not handed out.
    pub(crate) dead: Moment,
    /// How long a refresh may pause or take between two attempts, so that the first one after an outage
    /// is in time.
    pub(crate) patience: Duration,
}

impl Schedule {
    /// Life is counted from when the request left: the server counts from before its answer did.
    pub(crate) fn new(sent: Moment, life: Duration, policy: &Policy, jitter: &mut Jitter) -> Self {
        let outage = life / 10;
        let usable = life - policy.expiry_margin.min(life / 10);
        let attempts = 2 * (policy.backoff.longest + policy.timeout);
        let slack = (life / 40).min(attempts);
        let latest = percent(life, *policy.refresh.end()).min(usable - outage - slack);
        let earliest = percent(life, *policy.refresh.start()).min(latest - latest / 40);
        Self {
            due: sent.after(earliest + jitter.up_to(latest - earliest)),
            dead: sent.after(usable),
            patience: (slack / 4).max(MIN_BACKOFF),
        }
    }
}

fn percent(life: Duration, percent: u32) -> Duration {
    life / 100 * percent
}
