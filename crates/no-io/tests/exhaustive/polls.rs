//! Callers poll, and acquisitions begin.

use std::time::Duration;

use edge_oauth_no_io::{Acquisition, Action, Caller, Place, Step};

use crate::facts::{Asks, Flight, State, Waiting};
use crate::promise::Promise;
use crate::world::World;

impl World {
    pub(crate) fn poll(&mut self, asks: Asks) -> bool {
        let (caller, now) = (Caller::new(), self.clocks.now);
        let caller = match asks {
            Asks::Patiently => caller,
            Asks::InHaste => caller
                .max_wait(Duration::from_secs(3), now)
                .that_may_leave(),
            Asks::Never => caller.that_never_waits(),
            Asks::ForNew => caller.refresh(),
            Asks::ForLong => caller.min_remaining(LONG),
        };
        let is_backing_off = !self.facts.is_timeout && self.facts.until > Some(self.lived());
        let waiting = Waiting {
            caller,
            asks,
            began: self.lived(),
            // The error of a backoff in force is new to it.
            failures: self.facts.failures
                - u64::from(is_backing_off && self.facts.failed.is_some()),
        };
        self.ask(waiting);
        true
    }

    pub(crate) fn poll_again(&mut self) -> bool {
        if self.waiting.is_empty() {
            return false;
        }
        let waiting = self.waiting.remove(0);
        self.ask(waiting);
        true
    }

    /// Every caller that waits polls again, as the driver does when anything was reported.
    pub(crate) fn wake_all(&mut self) {
        for waiting in std::mem::take(&mut self.waiting) {
            self.ask(waiting);
        }
    }

    fn ask(&mut self, mut waiting: Waiting) {
        let now = self.clocks.now;
        let snapshot = self.subject.snapshot();
        let step = self.subject.poll(&mut waiting.caller, now);
        self.events();
        self.trace_step(&step);
        self.check_step(&step, &waiting);
        self.check_snapshot(snapshot, &step, &waiting);
        match step {
            Step::Use(_) | Step::Fail(_) => {}
            Step::Refresh { acquisition, .. } => {
                self.check_refresh(&acquisition, &waiting);
                self.take(acquisition, &waiting);
            }
            Step::Send(acquisition) => {
                let waits = acquisition.place() == Place::Background && waiting.asks != Asks::Never;
                self.take(acquisition, &waiting);
                if waits {
                    self.wait(waiting);
                }
            }
            Step::Wait { .. } => self.wait(waiting),
        }
        let timeout = self.subject.timeout();
        let spins = self.subject.is_fetching() && timeout <= Some(now.monotonic);
        self.check(Promise::HotLoop, !spins, || {
            format!("{timeout:?} has passed")
        });
    }

    fn wait(&mut self, waiting: Waiting) {
        // Further callers go.
        if self.waiting.len() < if self.is_steady { 1 } else { 2 } {
            self.waiting.push(waiting);
        }
    }

    fn take(&mut self, acquisition: Acquisition, waiting: &Waiting) {
        let (now, lived) = (self.clocks.now, self.lived());
        let is_alone = self.flight.is_none();
        self.check(Promise::OneInFlight, is_alone, || {
            "two are in flight".into()
        });
        if waiting.asks != Asks::ForNew {
            let backs_off = self.facts.until.filter(|until| lived < *until);
            self.check(Promise::Backoff, backs_off.is_none(), || {
                format!("{} ns too early", backs_off.unwrap_or(lived) - lived)
            });
        }
        let since = self
            .facts
            .token_started
            .map(|started| now.monotonic.saturating_sub(started));
        let loops = since.is_some_and(|since| since < Duration::from_secs(1));
        self.check(Promise::HotLoop, !loops, || {
            format!("{since:?} after the last request")
        });
        let remaining = self.valid().map_or(0, |known| known.lasts_until() - lived);
        let remaining = Duration::from_nanos(u64::try_from(remaining).unwrap());
        let need = match waiting.asks {
            Asks::ForNew => None,
            Asks::ForLong => Some(remaining.max(LONG)),
            _ => Some(remaining),
        };
        self.started += 1;
        let place = acquisition.place();
        self.flight = Some(Flight {
            state: State::Queued,
            order: self.started,
            ends: now.monotonic + acquisition.time_left(now),
            sent: None,
            started: now.monotonic,
            handed_out: (lived, self.set_backs),
            lease: None,
            claims: 0,
            claims_in_a_row: 0,
            need,
            is_disowned: false,
            acquisition,
        });
        if place == Place::Here {
            self.run_queued();
        }
    }

    pub(crate) fn run_queued(&mut self) -> bool {
        let is_queued = |flight: &Flight| matches!(flight.state, State::Queued);
        if !self.flight.as_ref().is_some_and(is_queued) {
            return false;
        }
        let flight = self.flight.take().expect("it is queued");
        self.go_on(flight);
        true
    }

    /// Takes the next action, up to the next completion.
    pub(crate) fn go_on(&mut self, mut flight: Flight) {
        let now = self.clocks.now;
        match self.subject.act(&mut flight.acquisition, now) {
            Action::Send(..) => {
                self.check(Promise::NotSentLate, now.monotonic < flight.ends, || {
                    "its time is over".into()
                });
                flight.sent = Some(self.lived());
                flight.state = State::Sent;
            }
            Action::Claim(claim) => {
                flight.sent = Some(self.lived());
                flight.state = State::Claiming(claim);
            }
            Action::Pause(pause) => flight.state = State::Pausing(pause),
            Action::Done => {
                self.finish(flight, None);
                return;
            }
            // The completion before had no effect.
            Action::Wait { .. } => {}
            other => panic!("{other:?}"),
        }
        self.flight = Some(flight);
    }
}

const LONG: Duration = Duration::from_secs(600);
