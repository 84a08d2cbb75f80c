//! Many callers for minutes, against a server that fails at random by seed. The server and the callers check the promises
//! from outside.
//!
//! ```text
//! callers: threads over ureq, or tasks over reqwest
//!    │  tokens, errors, waits ────────────────▶ judge ◀──────────── requests, replies
//!    ▼                                                                   │
//! token sources ──▶ token server: faults, waits, retired keys ───────────┤
//!               ──▶ API: rejects tokens, closes connections ─────────────┘
//! ```

mod caller;
mod fault;
mod growth;
mod judge;
#[cfg(test)]
mod judge_tests;
mod server;
mod stalls;
mod tasks;
mod threads;
mod time;
mod token;
mod wire;

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use crate::arguments::Arguments;
use crate::endure::caller::{Gate, Target};
use crate::endure::growth::{Resources, growth};
use crate::endure::judge::Judged;
use crate::endure::server::Server;
use crate::endure::stalls::Stalls;
use crate::endure::tasks::Tasks;
use crate::endure::threads::Threads;
use crate::endure::time::{SECOND, Time, now};

/// When a run is over.
#[derive(Clone, Copy)]
enum Until {
    Time(Time),
    TokenRequests(u64),
}

/// The result of a run.
struct Found {
    violations: Vec<String>,
    looks: Vec<Resources>,
    token_requests: u64,
    api_requests: u64,
    judged: Vec<Judged>,
}

enum Callers {
    Threads(Threads),
    Tasks(Tasks),
}

impl Callers {
    fn start(with: &str, targets: &[Arc<Target>], seed: u64, gate: &Arc<Gate>) -> io::Result<Self> {
        Ok(match with {
            "tasks" => Self::Tasks(Tasks::start(targets, CALLERS, seed, gate)?),
            _ => Self::Threads(Threads::start(targets, CALLERS, seed, gate)?),
        })
    }

    fn settle(&self) -> bool {
        match self {
            Self::Threads(threads) => threads.settle(),
            Self::Tasks(tasks) => tasks.settle(),
        }
    }

    fn join(self) -> bool {
        match self {
            Self::Threads(threads) => threads.join(),
            Self::Tasks(tasks) => tasks.join(),
        }
    }
}

/// Prints a row of figures, and fails if a promise was broken.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let with = arguments.with.as_deref().unwrap_or("threads");
    if !["threads", "tasks"].contains(&with) {
        return Err(crate::arguments::USAGE.into());
    }
    let (minutes, seed) = (arguments.minutes.unwrap_or(10), arguments.seed.unwrap_or(7));
    let until = match arguments.requests {
        Some(requests) => Until::TokenRequests(requests),
        None => Until::Time(minutes * 60 * SECOND),
    };
    let began = now();
    let found = endure(with, seed, until)?;
    let minutes = (now() - began) as f64 / (60 * SECOND) as f64;
    let (first, last) = (found.looks.first(), found.looks.last());
    let sum = |of: fn(&Judged) -> u64| found.judged.iter().map(of).sum::<u64>();
    println!(
        "| callers | seed | minutes | token requests | waits asked for | API requests | tokens handed out | beside a valid \
         token | tokens dropped | errors | first look | last look | violations |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|---|---:|\n\
         | {with} | {seed} | {minutes:.1} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
        found.token_requests,
        sum(|judged| judged.waits),
        found.api_requests,
        sum(|judged| judged.tokens),
        sum(|judged| judged.beside_a_token),
        sum(|judged| judged.dropped),
        sum(|judged| judged.errors),
        look(first),
        look(last),
        found.violations.len()
    );
    match found.violations.last() {
        None => Ok(()),
        Some(last) => {
            Err(format!("{} violations, the last: {last}", found.violations.len()).into())
        }
    }
}

fn look(resources: Option<&Resources>) -> String {
    resources.map_or_else(String::new, |look| {
        let Resources {
            threads,
            files,
            memory,
        } = look;
        format!("{threads} threads, {files} files, {memory} KiB")
    })
}

fn endure(with: &str, seed: u64, until: Until) -> Result<Found, Box<dyn Error>> {
    let server = Server::start(SOURCES, seed)?;
    let stalls = Stalls::watch();
    let target = |number| Arc::new(Target::new(number, &server, &stalls));
    let targets: Vec<_> = (0..SOURCES).map(target).collect();
    let gate = Arc::new(Gate::default());
    let callers = Callers::start(with, &targets, seed, &gate)?;
    let began = now();
    let (mut looks, mut violations) = (Vec::new(), Vec::new());
    let is_over = || match until {
        Until::Time(time) => now() - began >= time,
        Until::TokenRequests(count) => server.token_requests.load(Ordering::Relaxed) >= count,
    };
    let mut next_look = began + BETWEEN_LOOKS;
    while !is_over() {
        thread::sleep(Duration::from_millis(50));
        if now() >= next_look {
            violations.extend(rest(&gate, &callers));
            let resources = Resources::read();
            eprintln!("{}", look(resources.as_ref()));
            looks.extend(resources);
            gate.rests.store(false, Ordering::SeqCst);
            next_look = now() + BETWEEN_LOOKS;
        }
        for violation in server.take_violations() {
            eprintln!("{violation}");
            violations.push(violation);
        }
    }
    gate.stops.store(true, Ordering::SeqCst);
    if !callers.settle() {
        violations.push("a source does not settle".to_owned());
    }
    if !callers.join() {
        violations.push("a caller panicked".to_owned());
    }
    violations.extend(server.take_violations());
    violations.extend(growth(&looks));
    server.stop();
    stalls.stop();
    Ok(Found {
        violations,
        looks,
        token_requests: server.token_requests.load(Ordering::Relaxed),
        api_requests: server.api_requests.load(Ordering::Relaxed),
        judged: server
            .clients
            .iter()
            .map(|client| client.record().judged)
            .collect(),
    })
}

/// Lets all callers rest, and waits until nothing is under way and the server has closed idle connections.
fn rest(gate: &Gate, callers: &Callers) -> Option<String> {
    gate.rests.store(true, Ordering::SeqCst);
    let end = now() + 60 * SECOND;
    while gate.resting.load(Ordering::SeqCst) < SOURCES * CALLERS {
        if now() > end {
            return Some("callers are stuck".to_owned());
        }
        thread::sleep(Duration::from_millis(20));
    }
    let is_settled = callers.settle();
    thread::sleep(Duration::from_millis(2_500));
    (!is_settled).then(|| "a source does not settle".to_owned())
}

/// Token sources, each with its own client.
const SOURCES: usize = 16;

/// Callers of each source.
const CALLERS: usize = 6;

const BETWEEN_LOOKS: Time = 15 * SECOND;

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a fixed number of exchanges. Only a machine that always runs the program can judge times, as `endure` does; a
    /// test judges what needs no clock.
    fn check(with: &str) {
        let found = endure(with, 1, Until::TokenRequests(200)).unwrap();
        let needs_no_clock = |violation: &&String| {
            ["an assertion is sent twice", "a caller panicked"].contains(&violation.as_str())
        };
        let broken: Vec<_> = found.violations.iter().filter(needs_no_clock).collect();
        assert!(broken.is_empty(), "{broken:?}");
        assert!(found.token_requests >= 200);
        let counts: [fn(&Judged) -> u64; 5] = [
            |judged| judged.tokens,
            |judged| judged.errors,
            |judged| judged.beside_a_token,
            |judged| judged.waits,
            |judged| judged.dropped,
        ];
        for of in counts {
            assert!(found.judged.iter().map(of).sum::<u64>() > 0);
        }
    }

    #[test]
    fn threads_that_meet_each_fault_are_judged() {
        check("threads");
    }

    #[test]
    fn tasks_that_meet_each_fault_are_judged() {
        check("tasks");
    }
}
