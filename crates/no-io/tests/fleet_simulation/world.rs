//! Virtual time: one event after the other.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use edge_oauth_no_io::{Claim, Completion, Config, Finish, Found, Secret, SharedResponse};

use crate::Time;
use crate::oracle::Oracle;
use crate::process::Process;
use crate::random::Random;
use crate::server::Server;
use crate::store::{Fault, Store};

pub(crate) struct World {
    pub now: Time,
    pub random: Random,
    pub processes: Vec<Process>,
    pub store: Store,
    pub server: Server,
    pub oracle: Oracle,
    /// The time between two calls in one process, on average.
    pub calls_every: Time,
    /// The secret of processes that start.
    pub secret: String,
    /// When the run is over.
    pub ends: Time,
    /// How many holders of a lease are still to be killed.
    pub kills: u64,
    /// How long each holder is stopped that still has to be.
    pub stops: Vec<Time>,
    /// How many holders in a row may be killed or stopped.
    pub most_in_a_row: u64,
    in_a_row: u64,
    queue: BinaryHeap<Entry>,
    entries: u64,
    /// Calls that the store keeps back.
    held_back: Vec<Event>,
}

/// One process in one of its lives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Life(pub usize, pub u32);

type Change = Box<dyn FnOnce(&mut World)>;

pub(crate) enum Event {
    /// A caller comes.
    Call(usize),
    /// A caller comes that is no other's successor.
    Ask(Life),
    /// The wait of a caller is over.
    Wake(Life, u64),
    /// A flight goes on.
    Step(Life, u64),
    /// The result of a call that a flight waits for.
    Completed(Life, u64, u64, Completion),
    AtStore(Life, u64, u64, String, Claim),
    FinishAtStore(String, Finish<Option<SharedResponse>>),
    AtServer(Life, u64, u64, String),
    Change(Change),
}

struct Entry {
    at: Time,
    number: u64,
    event: Event,
}

impl World {
    pub(crate) fn new(seed: u64, processes: usize, lifetime: Time) -> Self {
        let mut world = Self {
            now: 0,
            random: Random::new(seed),
            processes: Vec::new(),
            store: Store::new(),
            server: Server::new(lifetime),
            oracle: Oracle::new(),
            calls_every: lifetime / 4,
            secret: "s3cret".to_owned(),
            ends: 6 * lifetime,
            kills: 0,
            stops: Vec::new(),
            most_in_a_row: 2,
            in_a_row: 0,
            queue: BinaryHeap::new(),
            entries: 0,
            held_back: Vec::new(),
        };
        for process in 0..processes {
            let seed = world.random.next();
            let config = config(&world.secret);
            world.processes.push(Process::new(config, seed, 0, 0, 0));
            let first = world.random.between(0, world.calls_every);
            world.at(first, Event::Call(process));
        }
        world
    }

    pub(crate) fn at(&mut self, at: Time, event: Event) {
        self.entries += 1;
        self.queue.push(Entry {
            at,
            number: self.entries,
            event,
        });
    }

    pub(crate) fn change_at(&mut self, at: Time, change: impl FnOnce(&mut World) + 'static) {
        self.at(at, Event::Change(Box::new(change)));
    }

    /// Runs until this time.
    pub(crate) fn run(&mut self, until: Time) {
        while let Some(entry) = self.queue.pop() {
            if entry.at > until {
                self.queue.push(entry);
                break;
            }
            self.now = entry.at;
            self.handle(entry.event);
            if self.oracle.violations.len() >= 5 {
                break;
            }
        }
        self.now = until;
    }

    fn handle(&mut self, event: Event) {
        if let Some(resumes) = self.resumes(&event) {
            return self.at(resumes, event);
        }
        match event {
            Event::Call(process) => self.call(process),
            Event::Ask(life) => {
                if self.is_current(life) {
                    self.ask(life.0);
                }
            }
            Event::Wake(life, caller) => {
                if self.is_current(life) {
                    self.poll(life.0, Some(caller));
                }
            }
            Event::Step(life, flight) => {
                if self.is_current(life) {
                    self.step(life, flight);
                }
            }
            Event::Completed(life, flight, asked, completion) => {
                self.complete(life, flight, asked, completion);
            }
            Event::AtStore(..) | Event::FinishAtStore(..) => self.at_store(event),
            Event::AtServer(life, flight, asked, secret) => {
                let held = self.is_current(life).then(|| -> Option<usize> {
                    let process = &self.processes[life.0];
                    let young = self.server.young(process.holds?, life);
                    process.held(&self.server, young, self.now)
                });
                let held = held.flatten();
                self.oracle.request(life.0, held, &self.server, self.now);
                let completion = self.server.respond(&secret, life, self.now);
                let (least, most) = self.server.takes;
                let at = self.now + self.random.between(least, most);
                self.at(at, Event::Completed(life, flight, asked, completion));
            }
            Event::Change(change) => change(self),
        }
    }

    /// Returns when a stopped process takes the event.
    fn resumes(&self, event: &Event) -> Option<Time> {
        let process = match event {
            Event::Call(process) => *process,
            Event::Ask(life)
            | Event::Wake(life, _)
            | Event::Step(life, _)
            | Event::Completed(life, ..) => life.0,
            _ => return None,
        };
        let resumes = self.processes[process].stopped_until;
        (resumes > self.now).then_some(resumes)
    }

    pub(crate) fn is_current(&self, life: Life) -> bool {
        let process = &self.processes[life.0];
        process.is_alive && process.incarnation == life.1
    }

    pub(crate) fn life(&self, process: usize) -> Life {
        Life(process, self.processes[process].incarnation)
    }

    fn at_store(&mut self, event: Event) {
        match self.store.fault {
            Fault::Hangs | Fault::Gone => return,
            Fault::HoldsBack => return self.held_back.push(event),
            _ => {}
        }
        let (now, store) = (self.now, &mut self.store);
        match event {
            Event::AtStore(life, flight, asked, place, claim) => {
                let claimed = store.claim(&place, &claim, now, &mut self.random, &mut self.oracle);
                let has_lease = matches!(&claimed, Ok(claimed)
                    if matches!(claimed.found, Found::Lease { .. }));
                let at = now + self.way_to_store();
                let completion = Completion::Claimed(claimed);
                self.at(at, Event::Completed(life, flight, asked, completion));
                if has_lease && self.is_current(life) {
                    self.trouble_for_a_holder(life.0);
                }
            }
            Event::FinishAtStore(place, finish) => {
                store.finish(&place, finish, now, &mut self.oracle);
            }
            _ => {}
        }
    }

    /// A holder may be killed or stopped: before it knows, while it asks, or after.
    fn trouble_for_a_holder(&mut self, process: usize) {
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
        let seed = self.random.next();
        let old = &self.processes[process];
        let (incarnation, skew) = (old.incarnation + 1, old.skew);
        let mut new = Process::new(config(&self.secret), seed, incarnation, self.now, skew);
        (new.reaches_store, new.reaches_server) = (old.reaches_store, old.reaches_server);
        self.processes[process] = new;
        self.at(self.now, Event::Ask(Life(process, incarnation)));
    }

    /// Restarts a process that stored its token.
    pub(crate) fn restart_with_token(&mut self, process: usize) {
        let old = &mut self.processes[process];
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
        let process = &mut self.processes[process];
        if process.stopped_until <= self.now {
            process.stopped_until = self.now + time;
            process.slept += time;
        }
    }

    /// Gives a process another secret.
    pub(crate) fn rotate(&mut self, process: usize) {
        let resumes = self.processes[process].stopped_until;
        if resumes > self.now {
            return self.change_at(resumes, move |world| world.rotate(process));
        }
        let config = config(&self.secret);
        self.processes[process].keeper.replace_config(config);
        self.poll(process, None);
    }

    pub(crate) fn way_to_store(&mut self) -> Time {
        let (least, most) = self.store.takes;
        self.random.between(least, most)
    }
}

fn config(secret: &str) -> Config {
    let builder = Config::builder("https://login.example/token", "id");
    builder.client_secret(Secret::new(secret)).build().unwrap()
}

impl Ord for Entry {
    /// The earliest is the greatest, since a heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.number).cmp(&(self.at, self.number))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}
