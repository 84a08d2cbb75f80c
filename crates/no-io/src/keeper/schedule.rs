//! The plan of one token's lifetime: until when it is handed out, and from when on it is refreshed.

use std::time::Duration;

use crate::keeper::jitter::Jitter;
use crate::keeper::policy::{MIN_BACKOFF, Policy};
use crate::timeline::Time;

#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    /// From here on a refresh is due.
    pub(crate) due: Time,
    /// From here on the token is not handed out.
    pub(crate) expiry: Time,
    /// How long a refresh may back off or take between two attempts, so that the first one after an outage is in
    /// time.
    pub(crate) max_backoff: Duration,
}

impl Schedule {
    /// The lifetime counts from when the request left: the server counts from before its response did.
    ///
    /// Promise 3: if the token `ends_a_gap`, a start or an outage, many clients requested theirs at the same time. Their
    /// refreshes are spread over more of the lifetime, so that they fall out of step.
    pub(crate) fn new(
        sent: Time,
        lifetime: Duration,
        ends_a_gap: bool,
        policy: &Policy,
        jitter: &mut Jitter,
    ) -> Self {
        let outage = lifetime / 10;
        let usable = lifetime - policy.expiry_margin.min(lifetime / 10);
        let attempts = 2 * (policy.backoff.max + policy.timeout);
        let slack = (lifetime / 40).min(attempts);
        let latest = percent(lifetime, *policy.refresh.end()).min(usable - outage - slack);
        let from = match ends_a_gap {
            true => policy.first_refresh.min(*policy.refresh.start()),
            false => *policy.refresh.start(),
        };
        let earliest = percent(lifetime, from).min(latest - latest / 40);
        Self {
            due: sent.after(earliest + jitter.up_to(latest - earliest)),
            expiry: sent.after(usable),
            max_backoff: (slack / 4).max(MIN_BACKOFF),
        }
    }
}

fn percent(lifetime: Duration, percent: u32) -> Duration {
    lifetime / 100 * percent
}
