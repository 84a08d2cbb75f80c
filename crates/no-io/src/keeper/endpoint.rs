//! One token endpoint, as the keepers of one process find it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::acquisition::acquisition::Acquisition;
use crate::culprit::Culprit;
use crate::keeper::outage::{Candidate, Held, INTERVAL, LONGEST, Outage};
use crate::token_response::error::TokenError;

/// Times are those of the monotonic clock.
#[derive(Default)]
pub(super) struct Endpoint {
    suspects: Suspects,
    outage: Option<Outage>,
    /// The clients that it does not serve now.
    clients: BTreeMap<Box<str>, Outage>,
    /// The time of the latest response: failures of older requests are no news.
    responded: Duration,
    /// The time of the latest report.
    pub(super) seen: Duration,
}

/// Those that reported a failure since the latest response.
#[derive(Default)]
struct Suspects {
    /// A keeper whose failure is of the endpoint.
    keeper: Option<u64>,
    /// Clients whose failures may be their own.
    clients: Vec<Box<str>>,
}

/// A failed acquisition of a keeper.
pub(super) struct Failure<'a> {
    pub(super) keeper: u64,
    pub(super) acquisition: &'a Acquisition,
    pub(super) error: &'a TokenError,
    /// The waits of all clients, and of the one that the failure may be of.
    pub(super) wait: Duration,
    pub(super) wait_of_client: Option<Duration>,
}

impl Endpoint {
    pub(super) fn admit(&mut self, candidate: &Candidate<'_>, now: Duration) -> Result<(), Held> {
        let client = candidate.config.client_id();
        self.outage.take_if(|outage| outage.is_over(now));
        let of_client = self.clients.get(client);
        if of_client.is_some_and(|outage| outage.is_over(now)) {
            self.clients.remove(client);
        }
        let longest = candidate.policy.max_retry_after;
        // The limit of a client may be gone once its configuration is replaced.
        let longest_of_client = match candidate.is_lifted {
            true => INTERVAL,
            false => longest,
        };
        // Promise 3: a refresh in the background does not yield.
        let yielded = match candidate.has_failed && !candidate.has_token {
            true => INTERVAL,
            false => Duration::ZERO,
        };
        let of_client = self.clients.get_mut(client);
        let of_client = of_client.map(|outage| (outage, longest_of_client, Duration::ZERO));
        let of_all = self.outage.as_mut();
        let of_all = of_all.map(|outage| (outage, longest, yielded));
        let mut outages = [of_client, of_all];
        for (outage, longest, yielded) in outages.iter_mut().flatten() {
            let next = outage.next_turn(*longest, now).saturating_add(*yielded);
            let left = next.saturating_sub(now);
            if !left.is_zero() {
                return Err(outage.hold(candidate, left, now));
            }
        }
        for (outage, ..) in outages.into_iter().flatten() {
            outage.take_turn(candidate, now);
        }
        Ok(())
    }

    pub(super) fn is_healthy(&self) -> bool {
        let Suspects { keeper, clients } = &self.suspects;
        let nobody = keeper.is_none() && clients.is_empty() && self.clients.is_empty();
        nobody && self.outage.is_none()
    }

    pub(super) fn note_response(&mut self, acquisition: &Acquisition, now: Duration) {
        self.clients.remove(acquisition.config().client_id());
        self.suspects = Suspects::default();
        self.outage = None;
        self.responded = now;
    }

    pub(super) fn note_failure(&mut self, failure: &Failure<'_>, now: Duration) {
        let started = failure.acquisition.started();
        if now.saturating_sub(self.seen) > LONGEST {
            self.suspects = Suspects::default();
        }
        self.note_failure_of_client(failure, now);
        match &mut self.outage {
            // A request without a turn, such as of a caller that asks for a refresh, does not delay the turns of others.
            Some(outage) => {
                if outage.end_turn(started) {
                    outage.fail(failure.error, failure.wait, now);
                }
            }
            None if started < self.responded => {}
            None => {
                if self.suspects.add(failure) {
                    self.suspects = Suspects::default();
                    self.outage = Some(Outage::new(failure.error, failure.wait, now));
                }
            }
        }
    }

    fn note_failure_of_client(&mut self, failure: &Failure<'_>, now: Duration) {
        let (acquisition, error) = (failure.acquisition, failure.error);
        let client = acquisition.config().client_id();
        match (self.clients.get_mut(client), failure.wait_of_client) {
            (Some(outage), wait) => {
                if outage.end_turn(acquisition.started()) {
                    outage.fail(error, wait.unwrap_or(failure.wait), now);
                }
            }
            // An error of a client's own secret may be gone once it is rotated.
            (None, Some(wait)) if error.culprit() != Culprit::Config => {
                if self.clients.len() >= MAX_CLIENTS {
                    self.clients.retain(|_, outage| !outage.is_over(now));
                }
                if self.clients.len() < MAX_CLIENTS {
                    let outage = Outage::new(error, wait, now);
                    self.clients.insert(client.into(), outage);
                }
            }
            (None, _) => {}
        }
    }

    /// Ends the turn of an acquisition that shows nothing. If the acquisition sent no request, such as when the store had
    /// a token, the next turn follows at once.
    pub(super) fn end_turn(&mut self, acquisition: &Acquisition, now: Duration) {
        let client = self.clients.get_mut(acquisition.config().client_id());
        for outage in client.into_iter().chain(&mut self.outage) {
            if outage.end_turn(acquisition.started()) && acquisition.has_requested() {
                outage.pause(now);
            }
        }
    }
}

impl Suspects {
    /// Returns whether the failures are of the endpoint: two keepers have them, or so many clients have the ones that
    /// may be their own that the server limits their address.
    fn add(&mut self, failure: &Failure<'_>) -> bool {
        if failure.wait_of_client.is_none() {
            return *self.keeper.get_or_insert(failure.keeper) != failure.keeper;
        }
        let client = failure.acquisition.config().client_id();
        if !self.clients.iter().any(|known| **known == *client) {
            self.clients.push(client.into());
        }
        self.clients.len() >= ENOUGH_CLIENTS
    }
}

const ENOUGH_CLIENTS: usize = 3;

const MAX_CLIENTS: usize = 256;
