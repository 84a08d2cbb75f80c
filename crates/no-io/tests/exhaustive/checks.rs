//! The promises of a step.

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Acquisition, Place, Snapshot, Step, TokenError, TransportErrorKind,
};

use crate::facts::{Asks, Waiting};
use crate::promise::Promise;
use crate::world::World;

impl World {
    pub(crate) fn check_snapshot(
        &mut self,
        snapshot: Option<Snapshot>,
        step: &Step,
        waiting: &Waiting,
    ) {
        let Some(snapshot) = snapshot else { return };
        let is_new = waiting.began == self.lived();
        if is_new && waiting.asks.is_plain() && snapshot.lasts(self.clocks.now) {
            let is_same = matches!(step, Step::Use(token) if token.is_same(snapshot.token()));
            self.check(Promise::Snapshot, is_same, || format!("{step:?}"));
        }
    }

    pub(crate) fn check_step(&mut self, step: &Step, waiting: &Waiting) {
        let (now, lived) = (self.clocks.now, self.lived());
        let left = waiting.caller.time_left(now);
        let has_token = self.valid().is_some() && waiting.asks.is_plain();
        match step {
            Step::Use(token) | Step::Refresh { token, .. } => {
                self.check_token(token, waiting);
                if let (Step::Use(_), true) = (step, has_token) {
                    self.check_due(waiting);
                }
            }
            Step::Send(_) => {
                self.check(Promise::NoWait, !has_token, || {
                    "a caller waits for a refresh".into()
                });
            }
            Step::Wait { at_most, because } => {
                let missed = waiting.asks.is_plain() && self.may_start() && !left.is_zero();
                self.check(Promise::Retried, !missed, || {
                    format!("waits for {at_most:?}")
                });
                self.check(Promise::NoWait, !has_token, || {
                    format!("waits for {at_most:?}")
                });
                let is_over = at_most.is_zero();
                self.check(Promise::HotLoop, !is_over, || "a wait of zero".into());
                if because.is_some() && waiting.asks.is_plain() && self.flight.is_none() {
                    let holds = self.facts.until.filter(|until| lived < *until);
                    let backoff = holds.map_or(0, |until| until - lived);
                    let permanent = holds.is_some() && self.facts.is_permanent;
                    self.check(Promise::ErrorReachesAll, !permanent, || {
                        format!("waits for {at_most:?} after a permanent error")
                    });
                    self.check(Promise::TooLong, backoff <= left.as_nanos(), || {
                        format!("waits {at_most:?}, the backoff is {backoff} ns")
                    });
                }
            }
            Step::Fail(error) => {
                let missed = waiting.asks.is_plain() && self.may_start() && !left.is_zero();
                self.check(Promise::Retried, !missed, || format!("{error}"));
                self.check(Promise::NoError, !has_token, || format!("{error}"));
                let failed = self
                    .facts
                    .failed
                    .is_some_and(|failed| failed > waiting.failures);
                // A refresh that was asked for returns its own error.
                let is_bare = is_timeout(error) && waiting.asks != Asks::ForNew;
                self.check(Promise::LastError, !(failed && is_bare), || {
                    format!("{error}")
                });
            }
        }
    }

    fn check_token(&mut self, token: &AccessToken, waiting: &Waiting) {
        let lived = self.lived();
        let known = self.tokens.iter().find(|known| known.token.is_same(token));
        let known = known.expect("the keeper got this token");
        // A token that lives too short for the cache still goes to the callers that waited for it.
        let was_waited_for = !known.is_cached
            && (waiting.began < known.sent + known.lifetime.as_nanos()
                || known.lifetime <= Duration::from_secs(1));
        let is_valid = lived < known.expires() || was_waited_for;
        let (is_dropped, expires) = (known.is_dropped, known.expires());
        self.check(Promise::Dropped, !is_dropped, || format!("{token:?} again"));
        self.check(Promise::Expired, is_valid, || {
            format!("{token:?} expired {} ns ago", lived - expires)
        });
    }

    /// A caller got the cached token without a refresh: it must not be overdue.
    fn check_due(&mut self, waiting: &Waiting) {
        let lived = self.lived();
        let Some(known) = self.valid() else { return };
        let overdue = lived >= known.sent + (known.lifetime / 10 * 9).as_nanos();
        let missed = overdue && self.may_start() && waiting.asks.is_plain();
        self.check(Promise::Due, !missed, || "no refresh at 90 %".into());
    }

    /// Returns whether the next acquisition certainly may start: every delay is over.
    fn may_start(&self) -> bool {
        let (lived, now) = (self.lived(), self.clocks.now.monotonic);
        let facts = &self.facts;
        let second = Duration::from_secs(1);
        self.flight.is_none()
            && facts.lost == 0
            && facts.until.is_none_or(|until| lived >= until)
            && now >= facts.outcome_at + second
    }

    pub(crate) fn check_refresh(&mut self, acquisition: &Acquisition, waiting: &Waiting) {
        let now = self.clocks.now;
        let lived = self.lived();
        if let Some(known) = self.valid() {
            let percent = if known.is_first { 40 } else { 75 };
            let earliest = known.sent_at_the_earliest + (known.lifetime * percent / 100).as_nanos();
            let early = lived < earliest && waiting.asks.is_plain();
            self.check(Promise::Due, !early, || {
                format!("a refresh {} ns before {percent} %", earliest - lived)
            });
        }
        let in_line = acquisition.place() == Place::Here;
        let was_lost = self.facts.lost_in == Some(Place::Background);
        let is_short = acquisition.time_left(now) <= waiting.caller.time_left(now);
        self.check(
            Promise::Background,
            !in_line || was_lost && is_short,
            || "a caller runs the refresh".into(),
        );
    }
}

impl Asks {
    /// Returns whether any valid token will do.
    pub(crate) fn is_plain(self) -> bool {
        matches!(self, Self::Patiently | Self::InHaste | Self::Never)
    }
}

fn is_timeout(error: &TokenError) -> bool {
    matches!(error, TokenError::Transport(error) if error.kind() == TransportErrorKind::Timeout)
}
