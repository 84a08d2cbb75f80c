//! One token endpoint, as the keepers of one process find it.

use std::time::Duration;

use crate::clock::Moment;
use crate::config::config::Config;
use crate::token_response::error::TokenError;

pub(super) struct Endpoint {
    pub(super) state: State,
    /// When its state changed last, by the monotonic clock: failures of older requests are no news.
    pub(super) since: Duration,
    /// The time of the latest report.
    pub(super) seen: Duration,
}

pub(super) enum State {
    Healthy,
    /// By this keeper.
    Suspected(u64),
    Failing {
        error: TokenError,
        /// Times of the monotonic clock.
        began: Duration,
        next_probe: Duration,
        /// The start of the latest probe, until an outcome is known.
        probe: Option<Duration>,
    },
}

/// A keeper that wants to ask its endpoint.
#[derive(Debug)]
pub struct Candidate<'k> {
    pub(crate) config: &'k Config,
    /// It has no token, and its own requests failed.
    pub(crate) has_failed: bool,
}

/// The answer to a keeper that may not ask a failing endpoint now.
#[derive(Debug)]
pub struct Held {
    /// The latest error of the endpoint.
    pub(crate) error: Box<TokenError>,
    /// The time until the next probe.
    pub(crate) left: Duration,
    /// The time since it began to fail.
    pub(crate) fails_for: Duration,
}

impl Endpoint {
    pub(super) fn admit(&mut self, candidate: &Candidate<'_>, now: Moment) -> Result<(), Held> {
        let State::Failing {
            error,
            began,
            next_probe,
            probe,
        } = &mut self.state
        else {
            return Ok(());
        };
        // Since then no source wanted to probe it: what it was then tells nothing about now.
        if now.monotonic.saturating_sub(*next_probe) > LONGEST {
            self.state = State::Healthy;
            return Ok(());
        }
        let turn = match candidate.has_failed {
            true => *next_probe + INTERVAL,
            false => *next_probe,
        };
        let left = turn.saturating_sub(now.monotonic);
        // A wait that is longer than each that was set is of another clock.
        if left.is_zero() || left > 2 * LONGEST {
            // If this probe hangs, another one follows. Promise 3: refreshes are in time after an outage.
            *next_probe = now.monotonic.saturating_add(PATIENCE);
            *probe = Some(now.monotonic);
            return Ok(());
        }
        Err(Held {
            error: Box::new(error.for_another_client(left)),
            left,
            fails_for: now.monotonic.saturating_sub(*began),
        })
    }

    /// Lets another keeper probe if this one sent nothing, such as if it found a token in its store.
    pub(super) fn end_unused_probe(&mut self, started: Duration, now: Moment) {
        let State::Failing {
            next_probe, probe, ..
        } = &mut self.state
        else {
            return;
        };
        if probe.take_if(|probe| *probe == started).is_some() {
            *next_probe = now.monotonic;
        }
    }

    pub(super) fn fail(&mut self, member: u64, error: &TokenError, delay: Duration, now: Duration) {
        let began = match self.state {
            State::Healthy => {
                self.state = State::Suspected(member);
                return;
            }
            State::Suspected(first) if first == member => return,
            State::Suspected(_) => now,
            // A request that was no probe, such as of a caller that asks for a refresh, does not delay the probe of others.
            State::Failing { probe: None, .. } => return,
            State::Failing { began, .. } => began,
        };
        self.since = now;
        self.state = State::Failing {
            error: error.clone(),
            began,
            next_probe: now.saturating_add(delay),
            probe: None,
        };
    }
}

/// Between two probes, at least.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

/// The time until the next probe if one does not come back.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest wait that an endpoint can ask of all its clients.
pub(super) const LONGEST: Duration = Duration::from_secs(60);
