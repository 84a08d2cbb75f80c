//! A time in which requests fail, and the turns of the sources that try whether it is over.

use std::time::Duration;

use crate::config::config::Config;
use crate::keeper::policy::Policy;
use crate::token_response::error::TokenError;

/// Times are those of the monotonic clock.
pub(super) struct Outage {
    error: TokenError,
    began: Duration,
    /// The latest news, and the wait from then on.
    since: Duration,
    wait: Duration,
    /// No turn begins before.
    earliest: Duration,
    /// The requests under way, oldest first.
    turns: Vec<Turn>,
    /// How often a keeper without a token did not get a turn: those that had not failed, and the others.
    held: [u32; 2],
}

struct Turn {
    started: Duration,
    /// It counts as lost from then on.
    ends: Duration,
}

/// A keeper that wants to ask its endpoint.
#[derive(Debug)]
pub struct Candidate<'k> {
    pub(crate) config: &'k Config,
    pub(crate) policy: &'k Policy,
    pub(crate) has_token: bool,
    /// Its own requests failed since it got a token, or came back without an outcome.
    pub(crate) has_failed: bool,
    /// The latest error that its callers got, since it got a token.
    pub(crate) latest: Option<&'k TokenError>,
    /// Its configuration was replaced after a failure.
    pub(crate) is_lifted: bool,
}

/// The answer to a keeper that may not ask a failing endpoint now.
#[derive(Debug)]
pub struct Held {
    /// The latest error of the endpoint.
    pub(crate) error: Box<TokenError>,
    /// The time until the next turn.
    pub(crate) left: Duration,
    /// The time over which those that wait come back.
    pub(crate) spread: Duration,
}

impl Outage {
    pub(super) fn new(error: &TokenError, wait: Duration, now: Duration) -> Self {
        Self {
            error: error.clone(),
            began: now,
            since: now,
            wait,
            earliest: Duration::ZERO,
            turns: Vec::new(),
            held: [0; 2],
        }
    }

    pub(super) fn fail(&mut self, error: &TokenError, wait: Duration, now: Duration) {
        self.error = error.clone();
        // It does not shorten the wait that is in force.
        let left = self.since.saturating_add(self.wait).saturating_sub(now);
        (self.since, self.wait) = (now, wait.max(left));
    }

    /// Lets no turn begin for a second. It is no news: the wait of a source ends when it would have.
    pub(super) fn pause(&mut self, now: Duration) {
        self.earliest = now.saturating_add(INTERVAL);
    }

    /// Returns when the next turn may begin, of a keeper that waits so long at most.
    pub(super) fn next_turn(&mut self, longest: Duration, now: Duration) -> Duration {
        // A time of the past that is in the future is of another clock.
        let is_past = |time: Duration| time <= now.saturating_add(LONGEST);
        self.turns
            .retain(|turn| turn.ends > now && is_past(turn.started));
        let after_news = match is_past(self.since) {
            true => self.since.saturating_add(self.wait.min(longest)),
            false => Duration::ZERO,
        };
        // Promise 3: a lost packet must not delay the refreshes after an outage, so others follow a turn that hangs. Their
        // distance grows and their number ends: a server that hangs has no use for more requests.
        let after_turns = match self.turns.as_slice() {
            [] => Duration::ZERO,
            [turn] => turn.started.saturating_add(PATIENCE),
            [_, turn] => turn.started.saturating_add(2 * PATIENCE),
            turns => turns.iter().map(|turn| turn.ends).min().unwrap_or_default(),
        };
        let after_pause = Some(self.earliest).filter(|time| is_past(*time));
        after_news
            .max(after_pause.unwrap_or_default())
            .max(after_turns)
    }

    pub(super) fn take_turn(&mut self, candidate: &Candidate<'_>, now: Duration) {
        self.turns.push(Turn {
            started: now,
            ends: now.saturating_add(candidate.policy.timeout + GRACE),
        });
    }

    /// Returns whether the acquisition that started then had a turn, which it ends.
    pub(super) fn end_turn(&mut self, started: Duration) -> bool {
        let turn = self.turns.iter().position(|turn| turn.started == started);
        turn.map(|turn| self.turns.remove(turn)).is_some()
    }

    /// Returns whether no keeper wanted a turn for so long that the outage tells nothing about now.
    pub(super) fn is_over(&self, now: Duration) -> bool {
        let latest = self.turns.last().map_or(Duration::ZERO, |turn| turn.ends);
        let after_news = self.since.saturating_add(self.wait);
        let latest = latest.max(after_news).max(self.earliest);
        now.saturating_sub(latest) > LONGEST
    }

    pub(super) fn hold(
        &mut self,
        candidate: &Candidate<'_>,
        left: Duration,
        now: Duration,
    ) -> Held {
        // Callers that came while the endpoint failed are spread over twice that time, so that they come back about as fast
        // as they came: no herd follows the probe that succeeds. A few of them are no herd.
        let twice = now.saturating_sub(self.began).saturating_mul(2);
        let spread = match candidate.has_token {
            true => twice,
            false => {
                let held = &mut self.held[usize::from(candidate.has_failed)];
                *held = held.saturating_add(1);
                twice.min(*held * DISTANCE)
            }
        };
        Held {
            error: Box::new(self.error.for_held_source(candidate.latest, left)),
            left,
            spread,
        }
    }
}

/// Between two turns, at least.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

/// The longest wait that an endpoint can ask of all its clients, and the memory of an outage.
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// The time until the second turn if the first one does not come back.
const PATIENCE: Duration = Duration::from_secs(2);

/// The time for an outcome to arrive in.
const GRACE: Duration = Duration::from_secs(1);

/// Between two that come back.
const DISTANCE: Duration = Duration::from_millis(10);
