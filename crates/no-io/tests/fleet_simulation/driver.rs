//! The part of a driver: acquisitions run.

use std::time::Duration;

use edge_oauth_no_io::{
    Acquisition, Action, Completion, CredentialError, Secret, StoreError, TransportError,
    TransportErrorKind,
};

use crate::bugs::Bug;
use crate::credentials::{self, KEY};
use crate::process::{Flight, Waiting, number_of};
use crate::store::Fault;
use crate::world::{Event, Life, World};
use crate::{SECOND, Time};

impl World {
    pub(crate) fn start(&mut self, life: Life, acquisition: Acquisition) {
        let process = &mut self.processes[life.0];
        let number = process.number();
        let secret = acquisition.config().client_secret();
        let secret = secret.map_or(KEY, Secret::expose).to_owned();
        process.flights.push(Flight {
            number,
            acquisition,
            secret,
            asked: 0,
            ends: Time::MAX,
            leased: None,
            wait: 0,
            is_sent: false,
            frozen_until: 0,
        });
        self.at(self.now, Event::Step(life, number));
        self.disturb(life, number);
    }

    /// An acquisition may be cancelled, or its task does not run for a while.
    fn disturb(&mut self, life: Life, number: u64) {
        if self.random.percent(self.cancels) {
            let at = self.now + self.random.between(0, 200_000);
            self.at(at, Event::Cancel(life, number));
        }
        if self.random.percent(self.freezes) {
            self.disturbed += 1;
            let at = self.now + self.random.between(0, 200_000);
            let thaws = at + self.random.between(SECOND / 10, 30 * SECOND);
            self.change_at(at, move |world| {
                if world.is_current(life) {
                    let flight = world.processes[life.0].flight(number);
                    flight.into_iter().for_each(|one| one.frozen_until = thaws);
                }
            });
        }
    }

    /// The task of an acquisition is dropped: the acquisition comes back undone.
    pub(crate) fn cancel(&mut self, life: Life, number: u64) {
        let process = &mut self.processes[life.0];
        if process.flight(number).is_some() {
            self.disturbed += 1;
            self.finish(life, number);
        }
    }

    /// The driver's loop, up to the next wait.
    pub(crate) fn step(&mut self, life: Life, number: u64) {
        let (now, unique) = (self.now, self.random.bytes());
        let process = &mut self.processes[life.0];
        let moment = process.moment(now);
        let (reaches_store, reaches_server) = (process.reaches_store, process.reaches_server);
        let not_before = process.not_before;
        // One that is frozen may have lapsed, so the keeper may have started another.
        let in_flight = |one: &Flight| one.is_sent && one.number != number && one.frozen_until == 0;
        let others = process.flights.iter().filter(|one| in_flight(one)).count();
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
            Action::Pause(pause) => {
                let longer = match self.bug {
                    Some(Bug::PauseIsTooLong) => 2 * SECOND,
                    _ => 0,
                };
                self.at(now + micros(pause) + longer, Event::Step(life, number));
            }
            Action::Sign(_) => self.supply(life, (number, asked), credentials::signature),
            Action::Assertion(_) => self.supply(life, (number, asked), credentials::assertion),
            // A signer hangs.
            Action::Wait { at_most } => self.at(now + micros(at_most), Event::Step(life, number)),
            Action::Send(_, limits) => {
                flight.is_sent = true;
                self.oracle.sends(life.0, others, not_before, now);
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
        flight.is_sent = false;
        // A process that was stopped finds its response, and that its time was over before. The task of a frozen
        // acquisition takes a response that arrived in time.
        let is_over = now > flight.ends && flight.frozen_until == 0;
        if is_over {
            flight.wait = 0;
        }
        let completion = match completion {
            Completion::Response(_) if is_over => Completion::Failed(TransportError::new(
                TransportErrorKind::Timeout,
                "stopped for too long",
            )),
            completion => completion,
        };
        let completion = process.tampered(completion);
        let flight = process.flight(number).expect("the flight is there");
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
            // A late token takes the place of no newer one.
            if flight.frozen_until == 0 || process.holds.is_none() {
                process.holds = Some(number);
            }
        }
        if let Some(outcome) = &outcome {
            // A late failure says nothing about the next request.
            let is_late = flight.frozen_until > 0 && outcome.is_err();
            if !is_late {
                process.note_outcome(outcome, self.now);
                // Callers of `refresh` do not wait.
                process.not_before = match outcome.is_err() && !self.have_wishes {
                    true => process.not_before.max(self.now + flight.wait),
                    false => 0,
                };
            }
        }
        let is_permanent = matches!(&outcome, Some(Err(error)) if !error.is_transient())
            && flight.frozen_until == 0;
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
        let process = &self.processes[life.0];
        let waits = |waiting: &Waiting| waiting.wish.is_plain() && waiting.since < self.now;
        let left = process.waiting.iter().filter(|one| waits(one)).count();
        self.oracle
            .permanent_error(life.0, is_permanent, left, self.now);
    }

    /// A signer or a source of assertions.
    fn supply(
        &mut self,
        life: Life,
        (number, asked): (u64, u64),
        completion: fn(Result<(), CredentialError>) -> Completion,
    ) {
        if let Some((result, takes)) = self.supply.result(&mut self.random, ()) {
            let at = self.now + micros(takes);
            self.at(
                at,
                Event::Completed(life, number, asked, completion(result)),
            );
        } else {
            self.at(self.now, Event::Step(life, number));
        }
    }
}

pub(crate) fn micros(time: Duration) -> Time {
    // Rounded up, or a wait would end before its time.
    Time::try_from(time.as_nanos().div_ceil(1000))
        .unwrap_or(Time::MAX / 4)
        .min(Time::MAX / 4)
}
