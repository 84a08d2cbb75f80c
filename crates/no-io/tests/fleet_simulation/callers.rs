//! Callers come, poll the keeper, wait and leave.

use std::time::Duration;

use edge_oauth_no_io::{AccessToken, Caller, Event as Told, Step};

use crate::driver::micros;
use crate::oracle::Failed;
use crate::process::{Waiting, Wish, number_of};
use crate::world::{Event, Life, World};
use crate::{LIFETIME, SECOND, Time};

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
        let (now, wish) = (self.now, self.wish());
        let life = self.life(process);
        let process_state = &mut self.processes[process];
        let moment = process_state.moment(now);
        let max_wait = Duration::from_micros(wish.max_wait);
        let mut caller = Caller::new().max_wait(max_wait, moment).that_may_leave();
        caller = caller.min_remaining(Duration::from_micros(wish.min_remaining));
        if wish.refresh {
            caller = caller.refresh();
        }
        if wish.never_waits {
            caller = caller.that_never_waits();
        }
        let number = process_state.number();
        process_state.waiting.push(Waiting {
            number,
            caller,
            since: now,
            wish,
        });
        self.poll(process, Some(number));
        let process_state = &self.processes[process];
        let waiting = process_state.waiting.iter();
        let waits = waiting.filter(|waiting| waiting.number == number).count() > 0;
        if waits && wish.is_plain() {
            let held = process_state.held(&self.server, 85, now);
            self.oracle.waits(process, held, now);
        }
        if waits && self.have_wishes && self.random.percent(20) {
            let at = now + self.random.between(0, SECOND);
            self.at(at, Event::Leave(life, number));
        }
    }

    fn wish(&mut self) -> Wish {
        let plain = Wish {
            min_remaining: 0,
            refresh: false,
            never_waits: false,
            max_wait: MAX_WAIT,
        };
        if !self.have_wishes {
            return plain;
        }
        match self.random.below(8) {
            0 => Wish {
                // At times more than any token has.
                min_remaining: self.random.between(SECOND, LIFETIME * 11 / 10),
                ..plain
            },
            1 => Wish {
                refresh: true,
                ..plain
            },
            2 => Wish {
                never_waits: true,
                max_wait: 0,
                ..plain
            },
            3 => Wish {
                max_wait: self.random.between(0, 2 * SECOND),
                ..plain
            },
            _ => plain,
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
            match process.poll(&mut waiting.caller, moment) {
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
                    let was_stopped = process.stopped_until > waiting.since;
                    let failed = Failed {
                        process: life.0,
                        since: waiting.since,
                        was_told: process.told_at.is_some_and(|at| at > waiting.since),
                        is_patient: waiting.wish.max_wait == MAX_WAIT,
                        held: process.held(&self.server, 85, self.now),
                        is_plain: waiting.wish.is_plain(),
                    };
                    self.oracle.failed(&failed, &error, was_stopped, self.now);
                    return false;
                }
            }
        }
    }

    fn serve(&mut self, life: Life, waiting: &Waiting, token: &AccessToken) {
        let (now, number) = (self.now, number_of(token.expose()));
        let waited = now - waiting.since;
        self.trace(|| format!("p{}.{}: a caller gets t{number}", life.0, life.1));
        self.oracle
            .served((life.0, life.1), number, waited, &self.server, now);
        self.oracle
            .wish_is_met(life.0, number, waiting, &self.server, now);
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
                process.rejected = Some(token.clone());
                self.oracle.rejected(life.0, life.1, number);
                // The API request is sent once more.
                self.at(now + 1_000, Event::Ask(life));
            }
        }
    }
}

const MAX_WAIT: Time = 10 * SECOND;
