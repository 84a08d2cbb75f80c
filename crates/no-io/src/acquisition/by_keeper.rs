//! The keeper's side of an acquisition: its start, its store, and its outcome.

use std::time::Duration;

use crate::acquisition::acquisition::{Acquisition, State};
use crate::acquisition::known::Known;
use crate::acquisition::need::Need;
use crate::acquisition::place::Place;
use crate::acquisition::rejected::Rejected;
use crate::acquisition::shared::Shared;
use crate::acquisition::supplied::Supplied;
use crate::clock::Moment;
use crate::config::config::Config;
use crate::rate_limits::RateLimits;
use crate::timeline::{Time, Timeline};
use crate::token::AccessToken;
use crate::token_response::error::TokenError;

impl Acquisition {
    pub(crate) fn start(
        config: Config,
        (number, attempt): (u64, u32),
        place: Place,
        timeout: Duration,
        timeline: Timeline,
        now: Moment,
    ) -> Self {
        Self {
            config,
            number,
            attempt,
            place,
            started: now.monotonic,
            ends: now.monotonic.saturating_add(timeout),
            timeline,
            sent: None,
            state: State::Ready,
            shared: None,
            limits: None,
            supplied: Supplied::default(),
        }
    }

    /// Asks the shared store first.
    pub(crate) fn share(&mut self, known: Known, rejected: Rejected, need: Need, now: Moment) {
        let began = self.timeline.observe(now);
        self.shared = Some(Box::new(Shared::new(known, rejected, need, began)));
    }

    /// Returns the rate and quota headers of the response.
    pub(crate) fn take_limits(&mut self) -> Option<RateLimits> {
        self.limits.take().map(|limits| *limits)
    }

    /// Returns whether a token request was handed out.
    pub(crate) fn has_requested(&self) -> bool {
        self.sent.is_some()
            && self
                .shared
                .as_ref()
                .is_none_or(|shared| !shared.has_outcome())
    }

    /// Returns when it started, by the monotonic clock.
    pub(crate) fn started(&self) -> Duration {
        self.started
    }

    /// Returns the outcome if this acquisition made a request.
    pub(crate) fn own_outcome(&self) -> Option<&Result<AccessToken, TokenError>> {
        match &self.state {
            State::Done(outcome) if self.has_requested() => Some(outcome),
            _ => None,
        }
    }

    /// Returns what the store had to do with it.
    pub(crate) fn take_shared(&mut self) -> Option<Box<Shared>> {
        self.shared.take()
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Returns the outcome, and how long ago the request left. `time` is the keeper's reading of `now`: the keeper may have
    /// seen a sleep that a set-back hides from the acquisition, and the other way round.
    pub(crate) fn into_outcome(
        mut self,
        time: Time,
        now: Moment,
    ) -> Option<(Result<AccessToken, TokenError>, Duration)> {
        let own_time = self.timeline.observe(now);
        let age = self
            .sent
            .map_or(Duration::ZERO, |sent| own_time.max(time).since(sent));
        match self.state {
            State::Done(outcome) => Some((outcome, age)),
            _ => None,
        }
    }
}
