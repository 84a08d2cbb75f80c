//! The state of the model, and the promises of `poll`.

use std::collections::VecDeque;
use std::time::Duration;

use edge_oauth_no_io::{AccessToken, Acquisition, Action, Event, Keeper, MAX_WAIT, Step};

use super::call::Call;
use super::clocks::{Clocks, Nanos};
use super::events::assert_redacted;
use super::observed::{Flight, Known, StepKind};
use super::setup::{MIN_BACKOFF, PolicyKind, config, secret};

/// A keeper, and what is known of it from outside.
pub(crate) struct Model {
    pub(super) keeper: Keeper,
    pub(super) policy: PolicyKind,
    pub(super) clocks: Clocks,
    pub(super) flight: Option<Flight>,
    /// The acquisitions that lapsed or have an earlier configuration.
    pub(super) late: VecDeque<Flight>,
    pub(super) known: Vec<Known>,
    /// The times, by the monotonic clock, of the latest two requests since the clock ran back or the configuration
    /// changed.
    pub(super) latest: [Option<Duration>; 2],
    /// The same time after the latest token. Nothing shortens the second between two tokens.
    pub(super) interval: Option<Duration>,
    /// No request may be sent before this elapsed time.
    pub(super) backoff_until: Option<Nanos>,
    /// True if an attempt failed since the last token.
    pub(super) failed: bool,
    /// The version of the configuration.
    pub(super) version: u64,
    /// The number of replaced configurations.
    pub(super) generation: u64,
    requests: u64,
}

impl Model {
    /// Returns a model with a policy and a seed out of `number`.
    pub(crate) fn new(number: u64) -> Self {
        let policy = PolicyKind::from_number(number);
        Self {
            keeper: Keeper::new(config(0), policy.policy(), 7 + number / 3),
            policy,
            clocks: Clocks::new(),
            flight: None,
            late: VecDeque::new(),
            known: Vec::new(),
            latest: [None; 2],
            interval: None,
            backoff_until: None,
            failed: false,
            version: 0,
            generation: 0,
            requests: 0,
        }
    }

    pub(crate) fn make(&mut self, call: Call) {
        match call {
            Call::Poll => drop(self.poll()),
            Call::Pass(milliseconds) => self.clocks.pass(Duration::from_millis(milliseconds)),
            Call::PassLong(seconds) => self.clocks.pass(Duration::from_secs(seconds)),
            Call::Sleep(seconds) => self.clocks.sleep(Duration::from_secs(seconds)),
            Call::SetBack(seconds) => self.clocks.set_back(Duration::from_secs(seconds)),
            Call::RunBack(milliseconds) => {
                self.clocks.run_back(Duration::from_millis(milliseconds))
            }
            Call::PassToTimeout => self.pass_to_timeout(),
            Call::Token(lifetime) => {
                let flight = self.flight.take();
                self.token(flight, Some(lifetime), true);
            }
            Call::TokenWithoutLifetime => {
                let flight = self.flight.take();
                self.token(flight, None, true);
            }
            Call::LateToken(lifetime) => {
                let flight = self.late.pop_front();
                self.token(flight, Some(lifetime), false);
            }
            Call::Fail(kind) => {
                let flight = self.flight.take();
                self.fail(flight, kind, true);
            }
            Call::LateFail => {
                let flight = self.late.pop_front();
                self.fail(flight, 0, false);
            }
            Call::ErrorResponse(status, retry_after) => self.error_response(status, retry_after),
            Call::Cancel => {
                let flight = self.flight.take();
                self.cancel(flight, 1);
            }
            Call::LateCancel => {
                let flight = self.late.pop_front();
                self.cancel(flight, 0);
            }
            Call::Lapse => self.lapse(),
            Call::Invalidate(age) => self.invalidate(age),
            Call::Replace(version) => self.replace(version % 4),
            Call::Restore(age, lifetime) => self.restore(age, lifetime),
            Call::Restart => self.restart(),
        }
        // The keeper sees each change of the clocks. Otherwise no two clocks could tell a clock that is set back and a
        // sleep from no change at all.
        let _ = self.keeper.export(self.clocks.now);
        assert_eq!(self.events().len(), 0, "an unexpected event");
        assert_eq!(self.keeper.poll_timeout(), self.keeper.poll_timeout());
        if let Some(snapshot) = self.keeper.snapshot() {
            assert!(self.find(snapshot.token()).is_some(), "an unknown token");
        }
    }

    /// Checks that `Debug` of the keeper prints no secret and no token.
    pub(crate) fn end(&self) {
        assert_redacted(&format!("{:?}", self.keeper));
    }

    /// Checks that `poll` returns the same kind of step until `poll_timeout`, and another kind then.
    fn pass_to_timeout(&mut self) {
        let before = self.poll();
        let (Some(at), true) = (self.keeper.poll_timeout(), self.clocks.steady) else {
            return;
        };
        let left = at.saturating_sub(self.clocks.now.monotonic);
        if before.starts_a_request() || left > CENTURY {
            return;
        }
        self.clocks.pass(left.saturating_sub(NANOSECOND));
        let until = self.poll();
        // The wall clock may have come first.
        if until != before || !self.clocks.steady {
            return;
        }
        assert_eq!(self.keeper.poll_timeout(), Some(at));
        self.clocks.pass(NANOSECOND);
        assert_ne!(self.poll(), before, "poll_timeout is early");
    }

    fn poll(&mut self) -> StepKind {
        let now = self.clocks.now;
        let snapshot = self.keeper.snapshot();
        let step = self.keeper.poll(now);
        let kind = StepKind::from_step(&step);
        if let Some(snapshot) = snapshot {
            let lasts = snapshot.lasts(now);
            let same = matches!(&step, Step::Use(token) if token.is_same(snapshot.token()));
            assert!(same || !lasts, "a snapshot that does not last: {step:?}");
            let known = self.find(snapshot.token()).expect("it was found before");
            let is_valid = self.clocks.steady && self.clocks.elapsed < known.expires;
            let served = matches!(&step, Step::Use(token) | Step::Refresh { token, .. } if token.is_same(snapshot.token()));
            assert!(served || !is_valid, "promise 1: a caller waits: {step:?}");
        }
        match &step {
            Step::Use(token) | Step::Refresh { token, .. } => {
                self.assert_usable(token);
                let snapshot = self.keeper.snapshot();
                let snapshot = snapshot.expect("the token is cached");
                assert!(snapshot.token().is_same(token));
            }
            Step::Send(_) | Step::Wait { .. } | Step::Fail(_) => {
                assert!(self.keeper.snapshot().is_none(), "promise 1: {step:?}");
                self.known.iter_mut().for_each(|known| known.gone = true);
            }
        }
        self.assert_events_of_poll();
        let elapsed = self.clocks.elapsed;
        self.backoff_until.take_if(|until| elapsed >= *until);
        match step {
            Step::Send(acquisition) => self.send(acquisition),
            Step::Refresh { token, acquisition } => {
                let known = self.find(&token).expect("it is usable");
                let early = self.clocks.steady && elapsed < known.earliest_refresh;
                assert!(!early, "promise 3: a refresh that is too early");
                self.send(acquisition);
            }
            Step::Wait { at_most, because } => {
                assert!(!at_most.is_zero(), "a hot loop");
                // Up to a tenth of the server's wait is added as jitter.
                let longest = MAX_WAIT + MAX_WAIT / 10;
                let steady = self.clocks.steady;
                assert!(!steady || at_most <= longest, "waits {at_most:?}");
                assert!(because.is_none_or(|error| error.is_transient()));
            }
            Step::Fail(error) => assert!(!error.is_transient()),
            Step::Use(_) => {}
        }
        if now.monotonic < Duration::MAX {
            let timeout = self.keeper.poll_timeout().expect("there was a poll");
            assert!(timeout > now.monotonic, "a caller that sleeps would spin");
        }
        kind
    }

    fn send(&mut self, mut acquisition: Acquisition) {
        let now = self.clocks.now;
        let Action::Send(request, limits) = acquisition.poll(now, [0; 16]) else {
            assert!(!self.clocks.steady, "a request waits without a reason");
            self.keeper.finish(acquisition, now);
            self.assert_events(|event| matches!(event, Event::Cancelled), 1);
            return;
        };
        let sent = now.monotonic;
        assert!(limits.timeout <= self.policy.timeout());
        if self.clocks.steady {
            assert!(self.flight.is_none(), "promise 2: two are in flight");
            if let Some(before) = self.latest[0] {
                let gap = sent.saturating_sub(before);
                assert!(gap >= MIN_BACKOFF, "three requests within {gap:?}");
            }
            assert_eq!(self.backoff_until, None, "promise 5: sent too early");
        }
        let body = String::from_utf8_lossy(request.body().as_ref()).into_owned();
        assert!(body.contains(&secret(self.version)), "an old secret");
        self.latest = [self.latest[1], Some(sent).filter(|_| self.clocks.steady)];
        self.requests += 1;
        self.flight = Some(Flight {
            acquisition,
            sent,
            started: self.clocks.elapsed,
            timeout: limits.timeout,
            generation: self.generation,
            number: self.requests,
        });
    }

    fn assert_usable(&self, token: &AccessToken) {
        let known = self.find(token).expect("an unknown token");
        assert!(!known.gone, "a token that was dropped");
        let expired = self.clocks.elapsed >= known.expires;
        assert!(!expired, "promise 4: an expired token");
    }

    pub(super) fn find(&self, token: &AccessToken) -> Option<&Known> {
        self.known.iter().find(|known| known.token.is_same(token))
    }
}

const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
const NANOSECOND: Duration = Duration::from_nanos(1);
