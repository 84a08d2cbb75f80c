//! Virtual time: one event after the other.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::time::Duration;

use edge_oauth_no_io::{Claim, Completion, Finish, Found, SharedResponse, StoreError};

use crate::Time;
use crate::bugs::Bug;
use crate::credentials::{Auth, Supply, config};
use crate::double;
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
    pub auth: Auth,
    pub supply: Supply,
    /// Callers ask for more than any valid token, and leave.
    pub have_wishes: bool,
    /// The chance of an acquisition to be cancelled, in percent.
    pub cancels: u64,
    /// The chance of an acquisition to be frozen.
    pub freezes: u64,
    /// Acquisitions that were cancelled or frozen.
    pub disturbed: u64,
    pub is_traced: bool,
    /// The bug of the store and of all processes.
    pub bug: Option<Bug>,
    /// When the run is over.
    pub ends: Time,
    /// How many holders of a lease are still to be killed.
    pub kills: u64,
    /// How long each holder is stopped that still has to be.
    pub stops: Vec<Time>,
    /// How many holders in a row may be killed or stopped.
    pub most_in_a_row: u64,
    pub in_a_row: u64,
    queue: BinaryHeap<Entry>,
    entries: u64,
    /// Calls that the store keeps back.
    pub held_back: Vec<Event>,
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
    /// A caller does not wait any longer.
    Leave(Life, u64),
    /// The task of a flight is dropped.
    Cancel(Life, u64),
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
    /// A heap moves its entries, and events are large.
    event: Box<Event>,
}

impl World {
    pub(crate) fn new(seed: u64, processes: usize, lifetime: Time, bug: Option<Bug>) -> Self {
        let mut world = Self {
            now: 0,
            random: Random::new(seed),
            processes: Vec::new(),
            store: Store::new(bug),
            server: Server::new(lifetime),
            oracle: Oracle::new(),
            calls_every: lifetime / 4,
            secret: "s3cret".to_owned(),
            auth: Auth::Secret,
            supply: Supply::Works,
            have_wishes: false,
            cancels: 0,
            freezes: 0,
            disturbed: 0,
            is_traced: false,
            bug,
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
            let new = world.new_process();
            world.processes.push(new);
            let first = world.random.between(0, world.calls_every);
            world.at(first, Event::Call(process));
        }
        world
    }

    /// Returns a process that starts now.
    pub(crate) fn new_process(&mut self) -> Process {
        let seed = self.random.next();
        let config = config(self.auth, &self.secret);
        Process {
            bug: self.bug,
            born: self.now,
            ..Process::new(config, double::policy(self.bug), seed)
        }
    }

    pub(crate) fn at(&mut self, at: Time, event: Event) {
        self.entries += 1;
        self.queue.push(Entry {
            at,
            number: self.entries,
            event: Box::new(event),
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
            self.handle(*entry.event);
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
        self.trace_event(&event);
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
            Event::Leave(life, caller) => {
                if self.is_current(life) {
                    let waiting = &mut self.processes[life.0].waiting;
                    waiting.retain(|waiting| waiting.number != caller);
                }
            }
            Event::Cancel(life, flight) => {
                if self.is_current(life) {
                    self.cancel(life, flight);
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
                let is_current = self.is_current(life);
                let process = &mut self.processes[life.0];
                let flight_of = process.flight(flight).filter(|_| is_current);
                let leased = flight_of.and_then(|one| one.leased);
                let before = self.server.issued.len();
                let now = self.now;
                let responded = self.server.respond(&secret, life, now, &mut self.random);
                let (least, most) = self.server.takes;
                let at = self.now + self.random.between(least, most);
                if let Some(token) = self.server.issued.get_mut(before) {
                    token.counts_from = leased.unwrap_or(now);
                }
                if let Some(completion) = responded.completion {
                    self.at(at, Event::Completed(life, flight, asked, completion));
                    if self.is_current(life) {
                        let flight = self.processes[life.0].flight(flight);
                        flight.into_iter().for_each(|one| one.wait = responded.wait);
                    }
                }
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
            | Event::Leave(life, _)
            | Event::Cancel(life, _)
            | Event::Step(life, _)
            | Event::Completed(life, ..) => life.0,
            _ => return None,
        };
        let flight = match event {
            Event::Step(_, flight) | Event::Completed(_, flight, ..) => Some(*flight),
            _ => None,
        };
        let process = &self.processes[process];
        let flights = process.flights.iter();
        let frozen = flights
            .filter(|one| Some(one.number) == flight)
            .map(|one| one.frozen_until);
        let resumes = process.stopped_until.max(frozen.max().unwrap_or(0));
        (resumes > self.now).then_some(resumes)
    }

    pub(crate) fn is_current(&self, life: Life) -> bool {
        let process = &self.processes[life.0];
        process.is_alive && process.incarnation == life.1
    }

    pub(crate) fn life(&self, process: usize) -> Life {
        Life(process, self.processes[process].incarnation)
    }

    pub(crate) fn at_store(&mut self, event: Event) {
        match self.store.fault {
            Fault::Hangs | Fault::Gone => return,
            Fault::HoldsBack => return self.held_back.push(event),
            _ => {}
        }
        let (fails, loses_reply) = match self.store.fault {
            Fault::LosesReplies => (false, true),
            Fault::Flaky => (self.random.percent(30), self.random.percent(30)),
            _ => (false, false),
        };
        if fails {
            if let Event::AtStore(life, flight, asked, ..) = event {
                let failed = Completion::Claimed(Err(StoreError::new("LOADING")));
                let at = self.now + self.way_to_store();
                self.at(at, Event::Completed(life, flight, asked, failed));
            }
            return;
        }
        let (now, store) = (self.now, &mut self.store);
        match event {
            Event::AtStore(life, flight, asked, place, claim) => {
                let claimed = store.claim(&place, &claim, now, &mut self.random, &mut self.oracle);
                let has_lease = matches!(&claimed, Ok(claimed)
                    if matches!(claimed.found, Found::Lease { .. }));
                let at = now + self.way_to_store();
                let completion = Completion::Claimed(claimed);
                if !loses_reply {
                    self.at(at, Event::Completed(life, flight, asked, completion));
                }
                if has_lease && self.is_current(life) {
                    let leased = self.processes[life.0].flight(flight);
                    leased.into_iter().for_each(|one| one.leased = Some(now));
                    self.trouble_for_a_holder(life.0);
                }
                let left = claim.until.checked_sub(self.store.clock(now));
                if has_lease && left.is_some_and(|left| left < Duration::from_millis(1)) {
                    self.oracle.leases_at_the_last_moment(now);
                }
            }
            Event::FinishAtStore(place, finish) => {
                store.finish(&place, finish, now, &mut self.oracle);
            }
            _ => {}
        }
    }

    pub(crate) fn way_to_store(&mut self) -> Time {
        let (least, most) = self.store.takes;
        self.random.between(least, most)
    }
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
