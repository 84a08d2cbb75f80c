//! Equal states: those that show the same to their callers, now and after each of some further calls.
//!
//! A fingerprint has the outputs of the keeper only: steps, timeouts, snapshots, events and actions, and the facts that
//! callers know. Times are relative, and equal within one [`class`].

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use edge_oauth_no_io::{Event, Snapshot, Step, TokenError};

use crate::call::Call;
use crate::clocks::Nanos;
use crate::facts::{Flight, State};
use crate::server::config;
use crate::space::Space;
use crate::world::World;

impl Space {
    /// Returns the fingerprint of the state after these calls.
    pub(crate) fn fingerprint(&self, calls: &[Call]) -> u64 {
        let mut fresh = Some(self.replay(calls));
        let mut hasher = DefaultHasher::new();
        for probe in PROBES {
            let mut world = fresh.take().unwrap_or_else(|| self.replay(calls));
            if probe.is_empty() {
                world.hash_state(&mut hasher);
                fresh = Some(world);
                continue;
            }
            world.trace = Some(DefaultHasher::new());
            if !world.make(probe[0]) {
                world.trace = None;
                hasher.write_u8(0);
                fresh = Some(world);
                continue;
            }
            for call in &probe[1..] {
                world.make(*call);
            }
            world.trace.as_ref().map(Hasher::finish).hash(&mut hasher);
        }
        hasher.finish()
    }
}

impl World {
    /// Takes note of a step for a fingerprint.
    pub(crate) fn trace_step(&mut self, step: &Step) {
        let now = self.clocks.now;
        let Some(trace) = &mut self.trace else { return };
        match step {
            Step::Use(_) => 0.hash(trace),
            Step::Refresh { acquisition, .. } | Step::Send(acquisition) => {
                let is_refresh = matches!(step, Step::Refresh { .. });
                let left = class(acquisition.time_left(now));
                let attempt = acquisition.attempt().min(MOST);
                (1, is_refresh, acquisition.place(), left, attempt).hash(trace);
            }
            Step::Wait { at_most, because } => {
                let because = because.as_ref().map(kind);
                (2, class(*at_most), because).hash(trace);
            }
            Step::Fail(error) => (3, kind(error)).hash(trace),
        }
    }

    pub(crate) fn trace_event(&mut self, event: &Event) {
        let Some(trace) = &mut self.trace else { return };
        std::mem::discriminant(event).hash(trace);
        if let Event::Failed {
            backoff, serving, ..
        } = event
        {
            (class(*backoff), serving).hash(trace);
        }
    }

    /// Hashes what callers know and see without a call.
    fn hash_state(&mut self, hasher: &mut DefaultHasher) {
        let (now, lived) = (self.clocks.now, self.lived());
        let timeout = self.subject.timeout();
        let timeout = timeout.map(|timeout| class(timeout.saturating_sub(now.monotonic)));
        let snapshot = self.subject.snapshot();
        let lasts = |snapshot: &Snapshot| snapshot.lasts(now);
        (timeout, snapshot.as_ref().map(lasts)).hash(hasher);
        self.hash_flight(self.flight.as_ref(), hasher);
        self.hash_flight(self.late.first(), hasher);
        for waiting in &self.waiting {
            let failed = self.facts.failed > Some(waiting.failures);
            let left = class(waiting.caller.time_left(now));
            (waiting.asks, left, failed).hash(hasher);
        }
        let current = self.valid().map(|known| {
            let left = nanos(known.expires() - lived);
            let less = nanos(known.expires() - known.lasts_until());
            (left, less, known.lifetime, known.is_first, known.order == 0)
        });
        current.hash(hasher);
        for (index, known) in self.tokens.iter().enumerate().rev().take(2) {
            (Some(index) == self.current, known.is_dropped).hash(hasher);
        }
        let stored = self.stored.as_ref().map(|(stored, index)| {
            let is_of_config = stored.key() == config(self.version).cache_key();
            let age = class(now.wall.saturating_sub(stored.sent()));
            let is_current = Some(*index) == self.current;
            (
                is_of_config,
                age,
                is_current,
                self.tokens[*index].is_dropped,
            )
        });
        let facts = &self.facts;
        let until = facts.until.map(|until| nanos(until.saturating_sub(lived)));
        (
            stored,
            until,
            facts.is_permanent,
            (facts.failed.is_some(), facts.has_failed, facts.is_timeout),
        )
            .hash(hasher);
        let held = self
            .foreign
            .map(|(_, end)| nanos(end.saturating_sub(lived)));
        let counts = [
            facts.lost,
            facts.permanent,
            facts.transient,
            facts.rejections,
        ];
        (held, counts.map(|count| count.min(MOST)), facts.lost_in).hash(hasher);
        let since = |at: Duration| class(now.monotonic.saturating_sub(at).min(SECOND));
        let times = [facts.outcome_at, facts.lost_at];
        (facts.token_started.map(since), times.map(since)).hash(hasher);
    }

    fn hash_flight(&self, flight: Option<&Flight>, hasher: &mut DefaultHasher) {
        let Some(flight) = flight else {
            return hasher.write_u8(0);
        };
        let state = match &flight.state {
            State::Queued => 1,
            State::Claiming(claim) => {
                (class(claim.max_error_age), class(claim.lease)).hash(hasher);
                2
            }
            State::Pausing(_) => 3,
            State::Sent => 4,
        };
        let left = class(flight.ends.saturating_sub(self.clocks.now.monotonic));
        let age = flight
            .sent
            .map(|sent| nanos(self.lived().saturating_sub(sent)));
        let hides = flight.handed_out.1 != self.set_backs;
        let hides = hides.then(|| nanos(self.lived().saturating_sub(flight.handed_out.0)));
        (state, left, age, hides, flight.acquisition.place()).hash(hasher);
        let since = self.clocks.now.monotonic.saturating_sub(flight.started);
        class(since.min(SECOND)).hash(hasher);
        let is_newest = flight.order == self.started;
        let attempt = flight.acquisition.attempt().min(MOST);
        (
            is_newest,
            attempt,
            flight.lease.is_some(),
            flight.is_disowned,
        )
            .hash(hasher);
        (
            flight.claims.min(4),
            flight.claims_in_a_row.min(4),
            flight.need.map(class),
        )
            .hash(hasher);
    }
}

fn kind(error: &TokenError) -> (bool, bool) {
    (error.is_transient(), error.status().is_some())
}

fn nanos(nanos: Nanos) -> u64 {
    class(Duration::from_nanos(
        u64::try_from(nanos).unwrap_or(u64::MAX),
    ))
}

/// Returns the class of a time: 0, less than a second, 1, 2 and 3 s, the time of a request, and then steps of half a
/// minute and of minutes. The jitter that is left moves no time of the search to another class.
fn class(time: Duration) -> u64 {
    match time.as_nanos().div_ceil(1_000_000_000) {
        0 => 0,
        1 if time < SECOND => 1,
        seconds @ 1..=3 => 1 + seconds as u64,
        4..=11 => 5,
        12..=20 => 6,
        seconds @ 21..=130 => 10 + seconds as u64 / 30,
        seconds => 20 + seconds as u64 / 60,
    }
}

/// Higher counts are equal.
const MOST: u32 = 3;
const SECOND: Duration = Duration::from_secs(1);

/// The first has no call.
const PROBES: &[&[Call]] = &[
    &[],
    &[Call::Poll],
    &[Call::PollToRefresh],
    &[Call::Token, Call::Poll],
    &[Call::Fault],
    &[Call::LateToken, Call::Poll],
    &[Call::Reject, Call::Poll],
    &[Call::ToTimeout, Call::Poll],
    &[Call::Sleep, Call::Poll],
    &[Call::Held],
];
