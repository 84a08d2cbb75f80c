//! One token endpoint, as the keepers of one process find it.

use std::time::Duration;

use crate::acquisition::acquisition::Acquisition;
use crate::keeper::outage::{Candidate, Held, INTERVAL, Outage};
use crate::token_response::error::TokenError;

/// Times are those of the monotonic clock.
#[derive(Default)]
pub(super) struct Endpoint {
    /// The keeper that reported the latest failure, if no response followed.
    suspected_by: Option<u64>,
    outage: Option<Outage>,
    /// The time of the latest response: failures of older requests are no news.
    responded: Duration,
    /// The time of the latest report.
    pub(super) seen: Duration,
}

impl Endpoint {
    pub(super) fn admit(&mut self, candidate: &Candidate<'_>, now: Duration) -> Result<(), Held> {
        self.outage.take_if(|outage| outage.is_over(now));
        let Some(outage) = &mut self.outage else {
            return Ok(());
        };
        // Promise 3: a refresh in the background does not yield.
        let yields = candidate.has_failed && !candidate.has_token;
        let next = outage.next_turn(candidate, now);
        let next = next.saturating_add(if yields { INTERVAL } else { Duration::ZERO });
        match next.saturating_sub(now) {
            Duration::ZERO => {
                outage.take_turn(candidate, now);
                Ok(())
            }
            left => Err(outage.held(left, now)),
        }
    }

    pub(super) fn is_healthy(&self) -> bool {
        self.suspected_by.is_none() && self.outage.is_none()
    }

    pub(super) fn note_response(&mut self, now: Duration) {
        self.suspected_by = None;
        self.outage = None;
        self.responded = now;
    }

    pub(super) fn note_failure(
        &mut self,
        member: u64,
        acquisition: &Acquisition,
        error: &TokenError,
        wait: Duration,
        now: Duration,
    ) {
        let started = acquisition.started();
        match &mut self.outage {
            // A request without a turn, such as of a caller that asks for a refresh, does not delay the turns of others.
            Some(outage) => {
                if outage.end_turn(started) {
                    outage.fail(error, wait, now);
                }
            }
            None if started < self.responded => {}
            None => {
                if *self.suspected_by.get_or_insert(member) != member {
                    self.outage = Some(Outage::new(error, wait, now));
                }
            }
        }
    }

    /// Ends the turn of an acquisition that shows nothing. If it sent nothing, such as one that found a token in its store,
    /// the next turn follows at once.
    pub(super) fn end_turn(&mut self, acquisition: &Acquisition, now: Duration) {
        if let Some(outage) = &mut self.outage {
            if outage.end_turn(acquisition.started()) && acquisition.has_requested() {
                outage.pause(INTERVAL, now);
            }
        }
    }
}
