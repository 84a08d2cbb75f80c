//! A process with many sources, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::time::Duration;

use edge_oauth_no_io::{
    Acquisition, Caller, Candidate, Completion, EndpointHealth, Keeper, Moment, Policy, Step,
    TransportError, TransportErrorKind,
};

use crate::common::{START, leave, token};
use crate::pool::of_client;

/// In milliseconds since the start.
pub(crate) type Time = u64;

pub(crate) const LATENCY: Time = 50;
pub(crate) const SECOND: Time = 1000;

/// A process with many sources, whose callers always want a token, in virtual time.
pub(crate) struct Process {
    health: EndpointHealth,
    sources: Vec<Source>,
    /// The next polls and responses, earliest first.
    pub(crate) queue: BinaryHeap<Reverse<(Time, usize)>>,
    pub(crate) lifetime: u64,
    pub(crate) outage: Range<Time>,
    /// The sources before this one fail always.
    pub(crate) failing: usize,
    pub(crate) failure: fn() -> Completion,
    /// A request in the outage has no response: it fails at its end.
    pub(crate) hangs: bool,
    /// From then on the requests of the sources that fail never come back.
    pub(crate) loses_from: Time,
    /// The start and the end of each request.
    pub(crate) exchanges: Vec<(Time, Time)>,
    pub(crate) requests: Vec<Time>,
    /// When a caller that had no token got one.
    pub(crate) served: Vec<Time>,
}

struct Source {
    member: u64,
    keeper: Keeper,
    caller: Caller,
    in_flight: Option<(Time, Acquisition, Completion)>,
    waits: bool,
}

fn moment(time: Time) -> Moment {
    START.after(Duration::from_millis(time))
}

pub(crate) fn refused() -> Completion {
    Completion::Failed(TransportError::new(TransportErrorKind::Connect, "refused"))
}

pub(crate) fn timed_out() -> Completion {
    Completion::Failed(TransportError::new(
        TransportErrorKind::Timeout,
        "no response",
    ))
}

impl Process {
    /// Sources of one client that start in turn within this time.
    pub(crate) fn new(count: usize, starts_within: Time) -> Self {
        Self::with_clients(count, starts_within, |_| 0)
    }

    /// Sources, and the client of each.
    pub(crate) fn with_clients(
        count: usize,
        starts_within: Time,
        client: fn(usize) -> usize,
    ) -> Self {
        let mut health = EndpointHealth::new(7);
        let sources = (0..count).map(|seed| Source {
            member: health.join(),
            keeper: Keeper::new(
                of_client(client(seed))
                    .scope(&seed.to_string())
                    .build()
                    .unwrap(),
                Policy::default(),
                (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15),
            ),
            caller: Caller::new(),
            in_flight: None,
            waits: true,
        });
        let sources = sources.collect();
        let starts = |source| Reverse((source as u64 * starts_within / count as u64, source));
        Self {
            health,
            sources,
            queue: (0..count).map(starts).collect(),
            lifetime: 900,
            outage: 0..0,
            failing: 0,
            failure: refused,
            hangs: false,
            loses_from: Time::MAX,
            exchanges: Vec::new(),
            requests: Vec::new(),
            served: Vec::new(),
        }
    }

    pub(crate) fn run_until(&mut self, end: Time) {
        while self.queue.peek().is_some_and(|Reverse((at, _))| *at < end) {
            let Some(Reverse((at, source))) = self.queue.pop() else {
                return;
            };
            if let Some(next) = self.step(source, at) {
                self.queue.push(Reverse((next.max(at + 1), source)));
            }
        }
    }

    /// Lets one source go on, and returns when it goes on next.
    fn step(&mut self, number: usize, at: Time) -> Option<Time> {
        let now = moment(at);
        let (source, health) = (&mut self.sources[number], &mut self.health);
        if let Some((_, mut acquisition, completion)) =
            source.in_flight.take_if(|(arrives, ..)| *arrives <= at)
        {
            acquisition.handle(completion, now);
            health.note(source.member, &acquisition, now);
            source.keeper.finish(acquisition, now);
        }
        let admit = |candidate: &Candidate<'_>| health.admit(candidate, now);
        let step = source.keeper.poll_among(&mut source.caller, now, admit);
        if let Step::Use(_) | Step::Refresh { .. } = step {
            source.caller = Caller::new();
            if std::mem::replace(&mut source.waits, false) {
                self.served.push(at);
            }
        } else {
            source.waits = true;
        }
        match step {
            Step::Send(mut acquisition)
            | Step::Refresh {
                mut acquisition, ..
            } => {
                leave(&mut acquisition, now);
                self.requests.push(at);
                let fails = self.outage.contains(&at) || number < self.failing;
                let completion = match fails {
                    true => (self.failure)(),
                    false => token("t", self.lifetime),
                };
                let arrives = match fails && self.hangs {
                    true => at + acquisition.time_left(now).as_millis() as Time,
                    false => at + LATENCY,
                };
                self.exchanges.push((at, arrives));
                if at >= self.loses_from && number < self.failing {
                    return Some(at + 1);
                }
                source.in_flight = Some((arrives, acquisition, completion));
                Some(arrives)
            }
            Step::Wait { at_most, .. } => Some(at + at_most.as_millis() as Time + 1),
            Step::Use(_) | Step::Fail(_) => {
                let next = source.keeper.poll_timeout()?;
                let next = next.saturating_sub(START.monotonic).as_millis() as Time + 1;
                let arrives = source.in_flight.as_ref().map(|(arrives, ..)| *arrives);
                Some(arrives.unwrap_or(next).min(next))
            }
        }
    }

    pub(crate) fn requests(&self, range: Range<Time>) -> usize {
        let requests = self.requests.iter();
        requests.filter(|at| range.contains(at)).count()
    }

    pub(crate) fn is_once_a_second(&self, range: Range<Time>) -> bool {
        let requests: Vec<_> = self
            .requests
            .iter()
            .filter(|at| range.contains(at))
            .collect();
        requests.windows(2).all(|pair| pair[1] - pair[0] >= SECOND)
    }

    /// Returns the requests of the busiest second.
    pub(crate) fn busiest(&self, range: Range<Time>) -> usize {
        let seconds = range.step_by(100);
        seconds
            .map(|at| self.requests(at..at + SECOND))
            .max()
            .unwrap()
    }

    /// Returns the most requests at once.
    pub(crate) fn most_at_once(&self, range: Range<Time>) -> usize {
        let begun = self.exchanges.iter().filter(|(at, _)| range.contains(at));
        let at_once = |time| {
            let under_way = self.exchanges.iter();
            under_way
                .filter(|(at, end)| (*at..*end).contains(time))
                .count()
        };
        begun.map(|(at, _)| at_once(at)).max().unwrap()
    }
}
