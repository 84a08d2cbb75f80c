//! The faults of a run: processes that are killed, stopped or asleep, and clocks and secrets that change.

use crate::Time;
use crate::credentials::{Auth, config};
use crate::process::Process;
use crate::store::Fault;
use crate::world::{Event, Life, World};

impl World {
    /// A holder may be killed or stopped: before it knows, while it asks, or after.
    pub(crate) fn trouble_for_a_holder(&mut self, process: usize) {
        let after = self.random.between(0, 150_000);
        let is_spared = self.in_a_row == self.most_in_a_row || self.random.percent(50);
        self.in_a_row = if is_spared { 0 } else { self.in_a_row + 1 };
        if is_spared {
            return;
        }
        let kill = self.kills > 0 && (self.stops.is_empty() || self.random.percent(50));
        if kill {
            self.kills -= 1;
            let life = self.life(process);
            self.change_at(self.now + after, move |world| {
                if world.is_current(life) {
                    world.restart(process);
                }
            });
        } else if let Some(stop) = self.stops.pop() {
            self.change_at(self.now + after, move |world| {
                let process = &mut world.processes[process];
                process.stopped_until = process.stopped_until.max(world.now + stop);
            });
        }
    }

    /// Does all that was held back, at once.
    pub(crate) fn go_on(&mut self) {
        self.store.fault = Fault::None;
        for event in std::mem::take(&mut self.held_back) {
            self.at_store(event);
        }
    }

    /// Kills a process, and starts it again. Its callers are gone, and a new one comes.
    pub(crate) fn restart(&mut self, process: usize) {
        self.trace(|| format!("p{process}: it is killed, and starts again"));
        let new = self.new_process();
        let old = &self.processes[process];
        let incarnation = old.incarnation + 1;
        self.processes[process] = Process {
            incarnation,
            skew: old.skew,
            reaches_store: old.reaches_store,
            reaches_server: old.reaches_server,
            ..new
        };
        self.at(self.now, Event::Ask(Life(process, incarnation)));
    }

    /// Restarts a process that stored its token.
    pub(crate) fn restart_with_token(&mut self, process: usize) {
        let old = &mut self.processes[process];
        if old.stopped_until > self.now {
            return;
        }
        let moment = old.moment(self.now);
        let (stored, holds) = (old.keeper.export(moment), old.holds);
        self.restart(process);
        let new = &mut self.processes[process];
        let moment = new.moment(self.now);
        if stored.is_some_and(|stored| new.keeper.restore(&stored, moment)) {
            new.holds = holds;
        }
    }

    /// A machine sleeps: nothing of the process runs, and its monotonic clock stands.
    pub(crate) fn sleep(&mut self, process: usize, time: Time) {
        self.trace(|| format!("p{process}: its machine sleeps for {time} µs, unless it does"));
        let process = &mut self.processes[process];
        if process.stopped_until <= self.now {
            process.stopped_until = self.now + time;
            process.slept += time;
            process.forget_wait();
        }
    }

    /// The wall clock of a process is set, unless it sleeps. Callers come before and after, so its keeper sees that: a
    /// clock that is set back and a sleep, both between two calls, hide each other.
    pub(crate) fn set_clock(&mut self, process: usize, skew: i64) {
        if self.processes[process].stopped_until > self.now {
            return;
        }
        self.ask(process);
        self.trace(|| format!("p{process}: its wall clock differs by {skew} µs now"));
        self.processes[process].skew = skew;
        self.processes[process].forget_wait();
        let life = self.life(process);
        self.at(self.now, Event::Ask(life));
    }

    /// All processes prove who they are in another way, from their start.
    pub(crate) fn authenticate(&mut self, auth: Auth) {
        self.auth = auth;
        for process in &mut self.processes {
            process.keeper.replace_config(config(auth, &self.secret));
        }
    }

    /// Gives a process another secret.
    pub(crate) fn rotate(&mut self, process: usize) {
        let resumes = self.processes[process].stopped_until;
        if resumes > self.now {
            return self.change_at(resumes, move |world| world.rotate(process));
        }
        let config = config(self.auth, &self.secret);
        self.processes[process].keeper.replace_config(config);
        self.processes[process].forget_wait();
        self.poll(process, None);
    }
}
