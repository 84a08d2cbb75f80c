//! The part of a driver: callers poll the keeper, and acquisitions run.

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Acquisition, Action, Caller, Completion, Event as Told, Secret, Step, StoreError,
    TransportError, TransportErrorKind,
};

use crate::process::{Flight, Waiting, number_of};
use crate::store::Fault;
use crate::world::{Event, Life, World};
use crate::{SECOND, Time};

impl World {
    pub(crate) fn call(&mut self, process: usize) {
        let pause = self
            .random
            .between(self.calls_every / 2, self.calls_every * 3 / 2);
        self.at(self.now + pause, Event::Call(process));
        if self.processes[process].is_alive {
            self.ask(process);
        }
    }

    /// One caller asks for a token.
    pub(crate) fn ask(&mut self, process: usize) {
        let now = self.now;
        let process_state = &mut self.processes[process];
        let moment = process_state.moment(now);
        let caller = Caller::new().max_wait(moment, MAX_WAIT).that_may_leave();
        let number = process_state.number();
        process_state.waiting.push(Waiting {
            number,
            caller,
            since: now,
        });
        self.poll(process, Some(number));
        let process_state = &self.processes[process];
        if process_state
            .waiting
            .iter()
            .any(|waiting| waiting.number == number)
        {
            let held = process_state.held(&self.server, 85, now);
            self.oracle.waits(process, held, now);
        }
    }

    /// Polls for one caller, or for all.
    pub(crate) fn poll(&mut self, process: usize, only: Option<u64>) {
        let life = self.life(process);
        let mut waiting = std::mem::take(&mut self.processes[process].waiting);
        waiting.retain_mut(|one| {
            only.is_some_and(|only| only != one.number) || self.poll_one(life, one)
        });
        self.processes[process].waiting.append(&mut waiting);
    }

    /// Returns whether the caller goes on waiting.
    fn poll_one(&mut self, life: Life, waiting: &mut Waiting) -> bool {
        loop {
            let process = &mut self.processes[life.0];
            let moment = process.moment(self.now);
            match process.keeper.poll_for(&mut waiting.caller, moment) {
                Step::Use(token) => {
                    self.serve(life, waiting, &token);
                    return false;
                }
                Step::Refresh { token, acquisition } => {
                    self.start(life, acquisition);
                    self.serve(life, waiting, &token);
                    return false;
                }
                Step::Send(acquisition) => self.start(life, acquisition),
                Step::Wait { at_most, .. } => {
                    let at = self.now + micros(at_most);
                    self.at(at, Event::Wake(life, waiting.number));
                    return true;
                }
                Step::Fail(error) => {
                    let (now, waited) = (self.now, self.now - waiting.since);
                    let was_stopped = process.stopped_until > waiting.since;
                    self.oracle.failed(life.0, waited, &error, was_stopped, now);
                    return false;
                }
            }
        }
    }

    fn serve(&mut self, life: Life, waiting: &Waiting, token: &AccessToken) {
        let (now, number) = (self.now, number_of(token.expose()));
        let waited = now - waiting.since;
        self.oracle
            .served((life.0, life.1), number, waited, &self.server, now);
        if self
            .server
            .revoked
            .get(&number)
            .is_some_and(|at| *at <= now)
        {
            let process = &mut self.processes[life.0];
            let moment = process.moment(now);
            process.told(|_| false);
            process.keeper.invalidate(token, moment);
            if process.told(|event| matches!(event, Told::Invalidated { .. })) {
                process.holds = None;
                self.oracle.rejected(life.0, life.1, number);
                // The API request is sent once more.
                self.at(now + 1_000, Event::Ask(life));
            }
        }
    }

    fn start(&mut self, life: Life, acquisition: Acquisition) {
        let process = &mut self.processes[life.0];
        let number = process.number();
        let secret = acquisition.config().client_secret();
        let secret = secret.map_or("", Secret::expose).to_owned();
        process.flights.push(Flight {
            number,
            acquisition,
            secret,
            asked: 0,
            ends: Time::MAX,
        });
        self.at(self.now, Event::Step(life, number));
    }

    /// The driver's loop, up to the next wait.
    pub(crate) fn step(&mut self, life: Life, number: u64) {
        let (now, unique) = (self.now, self.random.bytes());
        let process = &mut self.processes[life.0];
        let moment = process.moment(now);
        let (reaches_store, reaches_server) = (process.reaches_store, process.reaches_server);
        let Some(flight) = process.flight(number) else {
            return;
        };
        flight.asked += 1;
        let (asked, secret) = (flight.asked, flight.secret.clone());
        match flight.acquisition.poll(moment, unique) {
            Action::Claim(claim) => {
                let timeout = now + micros(claim.timeout);
                let failed = |error| Completion::Claimed(Err(error));
                if !reaches_store || self.store.fault == Fault::Gone {
                    let gone = failed(StoreError::new("gone"));
                    return self.at(now + 500, Event::Completed(life, number, asked, gone));
                }
                let at = now + self.way_to_store();
                self.at(at, Event::AtStore(life, number, asked, secret, claim));
                let timed_out = failed(StoreError::timeout());
                self.at(timeout, Event::Completed(life, number, asked, timed_out));
            }
            Action::Pause(pause) => self.at(now + micros(pause), Event::Step(life, number)),
            Action::Send(_, limits) => {
                let failed = |kind| Completion::Failed(TransportError::new(kind, ""));
                if !reaches_server {
                    let refused = failed(TransportErrorKind::Connect);
                    return self.at(now + 500, Event::Completed(life, number, asked, refused));
                }
                let at = now + self.random.between(1_000, 10_000);
                self.at(at, Event::AtServer(life, number, asked, secret));
                let ends = now + micros(limits.timeout);
                let timed_out = failed(TransportErrorKind::Timeout);
                self.at(ends, Event::Completed(life, number, asked, timed_out));
                let flight = self.processes[life.0].flight(number);
                flight.expect("the flight is there").ends = ends;
            }
            Action::Done => self.finish(life, number),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn complete(&mut self, life: Life, number: u64, asked: u64, completion: Completion) {
        if !self.is_current(life) {
            return;
        }
        let now = self.now;
        let process = &mut self.processes[life.0];
        let moment = process.moment(now);
        let Some(flight) = process
            .flight(number)
            .filter(|flight| flight.asked == asked)
        else {
            return;
        };
        // A process that was stopped finds its response, and that its time was over before.
        let completion = match completion {
            Completion::Response(_) if now > flight.ends => Completion::Failed(
                TransportError::new(TransportErrorKind::Timeout, "stopped for too long"),
            ),
            completion => completion,
        };
        flight.acquisition.handle(completion, moment);
        self.step(life, number);
    }

    fn finish(&mut self, life: Life, number: u64) {
        let process = &mut self.processes[life.0];
        let moment = process.moment(self.now);
        let at = process
            .flights
            .iter()
            .position(|flight| flight.number == number);
        let flight = process
            .flights
            .swap_remove(at.expect("the flight is there"));
        let outcome = process.keeper.finish(flight.acquisition, moment);
        if let Some(Ok(token)) = &outcome {
            let number = number_of(token.expose());
            // As of now: the one before may have ended while the request was under way.
            let ends_a_gap =
                process.has_failed || process.held(&self.server, 89, self.now).is_none();
            let token = &mut self.server.issued[number];
            token.is_first |= token.by == life && ends_a_gap;
            process.holds = Some(number);
        }
        if let Some(outcome) = outcome {
            process.has_failed = outcome.is_err();
        }
        if let Some(finish) = process.keeper.poll_finish() {
            let sealed = finish.try_map(|_, response, _| Ok::<_, StoreError>(Some(response)));
            let reaches = process.reaches_store && self.store.fault != Fault::Gone;
            let at = self.now + self.way_to_store();
            if reaches {
                let finish = sealed.expect("it is converted");
                self.at(at, Event::FinishAtStore(flight.secret, finish));
            }
        }
        self.poll(life.0, None);
    }
}

fn micros(time: Duration) -> Time {
    // Rounded up, or a wait would end before its time.
    Time::try_from(time.as_nanos().div_ceil(1000))
        .unwrap_or(Time::MAX / 4)
        .min(Time::MAX / 4)
}

const MAX_WAIT: Duration = Duration::from_micros(10 * SECOND);
