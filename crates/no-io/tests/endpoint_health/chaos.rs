//! A fleet in which everything goes wrong at once, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::time::Duration;

use edge_oauth_no_io::{
    Acquisition, Caller, Candidate, Completion, Config, EndpointHealth, Keeper, Moment, Policy,
    Secret, Step,
};

use crate::common::{START, leave, response, token};
use crate::process::{SECOND, Time, refused, timed_out};

/// A small generator of numbers that a seed repeats.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

struct Source {
    member: u64,
    keeper: Keeper,
    caller: Caller,
    in_flight: Option<(Time, Acquisition, Option<Completion>)>,
    host: usize,
    /// When its caller came.
    asked_at: Time,
}

struct Chaos {
    numbers: Numbers,
    health: EndpointHealth,
    sources: Vec<Source>,
    queue: BinaryHeap<Reverse<(Time, usize)>>,
    /// The outages of each host.
    outages: [Vec<Range<Time>>; 2],
    failure: fn() -> Completion,
    sleep: Range<Time>,
    /// The requests to each host, but those that a caller asked for by a refresh.
    requests: [Vec<Time>; 2],
}

const HOSTS: [&str; 2] = [
    "https://login.example/token",
    "https://login.example:8443/token",
];
const FAILURES: [fn() -> Completion; 5] = [
    refused,
    timed_out,
    || response(503, &[], ""),
    || response(503, &[("retry-after", "3")], ""),
    || response(429, &[], ""),
];

impl Chaos {
    fn new(seed: u64, count: usize, failure: fn() -> Completion) -> Self {
        let mut numbers = Numbers(seed);
        let mut health = EndpointHealth::new(seed);
        let sources = (0..count).map(|number| {
            let (host, client) = (number % 2, number / 2 % 400);
            let config = Config::builder(HOSTS[host], format!("client-{client}"))
                .client_secret(Secret::new("s3cret"))
                .scope(&number.to_string());
            Source {
                member: health.join(),
                keeper: Keeper::new(
                    config.build().unwrap(),
                    Policy::default(),
                    numbers.below(u64::MAX),
                ),
                caller: Caller::new(),
                in_flight: None,
                host,
                asked_at: 0,
            }
        });
        let sources: Vec<_> = sources.collect();
        let queue = (0..count).map(|source| Reverse((numbers.below(20 * SECOND), source)));
        let queue = queue.collect();
        Self {
            numbers,
            health,
            sources,
            queue,
            outages: [Vec::new(), Vec::new()],
            failure,
            sleep: 0..0,
            requests: [Vec::new(), Vec::new()],
        }
    }

    fn now(&self, at: Time) -> Moment {
        let mut now = START.after(Duration::from_millis(at));
        // The wall clock is set forward and back.
        now.wall = match at / (70 * SECOND) % 3 {
            0 => now.wall,
            1 => now.wall + Duration::from_secs(3600),
            _ => now.wall - Duration::from_secs(1800),
        };
        now
    }

    fn run_until(&mut self, end: Time) {
        while let Some(Reverse((at, number))) = self.queue.pop() {
            if at >= end {
                return self.queue.push(Reverse((at, number)));
            }
            let next = match self.sleep.contains(&at) {
                true => self.sleep.end,
                false => self.step(number, at),
            };
            self.queue.push(Reverse((next.max(at + 1), number)));
        }
    }

    fn step(&mut self, number: usize, at: Time) -> Time {
        let now = self.now(at);
        let (source, health) = (&mut self.sources[number], &mut self.health);
        if let Some((_, mut acquisition, completion)) =
            source.in_flight.take_if(|(arrives, ..)| *arrives <= at)
        {
            if let Some(completion) = completion {
                acquisition.handle(completion, now);
            }
            health.note(source.member, &acquisition, now);
            source.keeper.finish(acquisition, now);
        }
        let admit = |candidate: &Candidate<'_>| health.admit(candidate, now);
        let is_refresh = self.numbers.below(5000) == 0;
        if is_refresh {
            source.caller = Caller::new().refresh();
        }
        match source.keeper.poll_among(&mut source.caller, now, admit) {
            Step::Send(acquisition) => self.send(number, acquisition, at, is_refresh),
            Step::Refresh { acquisition, .. } => {
                self.serve(number, at);
                self.send(number, acquisition, at, is_refresh)
            }
            Step::Wait { at_most, .. } => at + at_most.as_millis() as Time + 1,
            Step::Use(_) => self.serve(number, at),
            Step::Fail(_) => {
                source.caller = Caller::new();
                at + 100
            }
        }
    }

    /// Gives the caller its token. The next one comes some seconds later.
    fn serve(&mut self, number: usize, at: Time) -> Time {
        let source = &mut self.sources[number];
        let next = at + 1 + self.numbers.below(20 * SECOND);
        (source.caller, source.asked_at) = (Caller::new(), next);
        next
    }

    fn send(
        &mut self,
        number: usize,
        mut acquisition: Acquisition,
        at: Time,
        is_refresh: bool,
    ) -> Time {
        let now = self.now(at);
        leave(&mut acquisition, now);
        let source = &mut self.sources[number];
        if !is_refresh {
            self.requests[source.host].push(at);
        }
        let fails = self.outages[source.host]
            .iter()
            .any(|outage| outage.contains(&at));
        let latency = 20 + self.numbers.below(60);
        let arrives = at + latency;
        source.in_flight = match self.numbers.below(20) {
            // The source is dropped, or its task is cancelled.
            0 => Some((arrives, acquisition, None)),
            // It never comes back.
            1 => None,
            _ if fails => Some((arrives, acquisition, Some((self.failure)()))),
            _ => Some((arrives, acquisition, Some(token("t", 60)))),
        };
        arrives
    }

    fn busiest(&self, host: usize, range: Range<Time>) -> usize {
        let requests = |from: Time| {
            let second = self.requests[host].iter();
            second
                .filter(|at| (from..from + SECOND).contains(at))
                .count()
        };
        range.step_by(250).map(requests).max().unwrap()
    }
}

// fault: failing-endpoint-is-asked-by-all
#[test]
fn outage_with_lost_probes_steps_of_the_clock_and_a_sleep_ends_for_all_sources() {
    for (failure, seed) in FAILURES.into_iter().zip([1, 7920, 15839, 23758, 31677]) {
        let mut chaos = Chaos::new(seed, 2000, failure);
        // The first host fails, and the second one alternates.
        chaos.outages[0].push(30 * SECOND..90 * SECOND);
        let seconds = (30 * SECOND..90 * SECOND).step_by(2 * SECOND as usize);
        chaos.outages[1].extend(seconds.map(|begins| begins..begins + SECOND));
        chaos.sleep = 70 * SECOND..76 * SECOND;
        chaos.run_until(200 * SECOND);
        let failing = chaos.busiest(0, 32 * SECOND..89 * SECOND);
        // A limited client whose turn was lost asks on its own.
        assert!(failing <= 2, "{seed}: {failing} in a second");
        let after = chaos.busiest(0, 90 * SECOND..140 * SECOND);
        assert!(after <= 200, "{seed}: {after} in a second after the outage");
        // A request that is lost costs its timeout.
        let waits = |source: &Source| (200 * SECOND).saturating_sub(source.asked_at);
        let longest = chaos.sources.iter().map(waits).max().unwrap();
        assert!(longest < 45 * SECOND, "{seed}: {longest}");
    }
}
