//! Many keepers and one token endpoint that fails: one of them probes it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::time::Duration;

use common::{START, World, builder, leave, response, token};
use edge_oauth_no_io::{
    Acquisition, Caller, Candidate, Completion, Config, EndpointHealth, Keeper, Moment, Policy,
    Secret, Step, TransportError, TransportErrorKind,
};

/// In milliseconds since the start.
type Time = u64;

const LATENCY: Time = 50;
const SECOND: Time = 1000;

/// A process with many sources, whose callers always want a token, in virtual time.
struct Process {
    health: EndpointHealth,
    sources: Vec<Source>,
    /// The next polls and responses, earliest first.
    queue: BinaryHeap<Reverse<(Time, usize)>>,
    lifetime: u64,
    outage: Range<Time>,
    /// The sources before this one fail always.
    failing: usize,
    failure: fn() -> Completion,
    requests: Vec<Time>,
    /// When a caller that had no token got one.
    served: Vec<Time>,
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

fn refused() -> Completion {
    Completion::Failed(TransportError::new(TransportErrorKind::Connect, "refused"))
}

impl Process {
    /// Sources that start in turn within this time.
    fn new(count: usize, starts_within: Time) -> Self {
        let mut health = EndpointHealth::new(7);
        let sources = (0..count).map(|seed| Source {
            member: health.join(),
            keeper: Keeper::new(
                builder().scope(&seed.to_string()).build().unwrap(),
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
            requests: Vec::new(),
            served: Vec::new(),
        }
    }

    fn run_until(&mut self, end: Time) {
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
                source.in_flight = Some((at + LATENCY, acquisition, completion));
                Some(at + LATENCY)
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

    fn requests(&self, range: Range<Time>) -> usize {
        let requests = self.requests.iter();
        requests.filter(|at| range.contains(at)).count()
    }

    fn is_once_a_second(&self, range: Range<Time>) -> bool {
        let requests: Vec<_> = self
            .requests
            .iter()
            .filter(|at| range.contains(at))
            .collect();
        requests.windows(2).all(|pair| pair[1] - pair[0] >= SECOND)
    }

    /// Returns the requests of the busiest second.
    fn busiest(&self, range: Range<Time>) -> usize {
        let seconds = range.step_by(100);
        seconds
            .map(|at| self.requests(at..at + SECOND))
            .max()
            .unwrap()
    }
}

const MANY: usize = 10_000;

// fault: failing-endpoint-is-asked-by-all
#[test]
fn failing_endpoint_is_asked_once_a_second_by_ten_thousand_that_start() {
    let mut process = Process::new(MANY, 10 * SECOND);
    process.outage = 0..120 * SECOND;
    process.run_until(300 * SECOND);
    // Each request of the first moment leaves before the first error arrives.
    assert_eq!(process.requests(0..LATENCY), 50);
    assert!(process.is_once_a_second(LATENCY + 2..120 * SECOND));
    assert!(
        process.requests(LATENCY..120 * SECOND) > 70,
        "the endpoint is probed"
    );
    // The probe that succeeds is the first of all.
    assert_eq!(process.served.len(), MANY);
    assert!(process.served[0] < 122 * SECOND);
    assert!(*process.served.last().unwrap() < 154 * SECOND);
    let (before, after) = (
        process.busiest(0..SECOND),
        process.busiest(120 * SECOND..160 * SECOND),
    );
    assert!(after < 800, "{after} in a second after {before}");
    // One request each, and the ones that failed.
    let failed = process.requests(0..120 * SECOND);
    assert_eq!(process.requests.len(), MANY + failed);
}

// fault: failing-endpoint-is-asked-by-all
#[test]
fn outage_of_a_tenth_of_the_lifetime_is_seen_by_no_caller_of_ten_thousand() {
    let failures: [(usize, fn() -> Completion); 3] = [
        (MANY, refused),
        (1000, || response(503, &[], "")),
        (1000, || response(429, &[], "")),
    ];
    for (count, failure) in failures {
        let mut process = Process::new(count, 900 * SECOND);
        process.outage = 3600 * SECOND..3690 * SECOND;
        process.failure = failure;
        process.run_until(4500 * SECOND);
        assert_eq!(
            process.served.len(),
            count,
            "each caller waited once, at the start"
        );
        let healthy = process.requests(1800 * SECOND..3600 * SECOND) / 20;
        let failing = process.requests(3600 * SECOND..3690 * SECOND);
        assert!(
            failing <= 92,
            "{failing} requests in 90 s, and {healthy} of a healthy endpoint"
        );
        assert!(process.is_once_a_second(3601 * SECOND..3690 * SECOND));
    }
}

// fault: failing-endpoint-is-asked-by-all
#[test]
fn outage_of_some_seconds_ends_without_a_herd() {
    let mut process = Process::new(MANY, 10 * SECOND);
    process.outage = 0..10 * SECOND;
    process.run_until(60 * SECOND);
    assert_eq!(process.served.len(), MANY);
    // A thousand callers came in each second of the outage.
    let busiest = process.busiest(9 * SECOND..60 * SECOND);
    assert!(busiest <= 1200, "{busiest} in a second");
    assert!(*process.served.last().unwrap() < 42 * SECOND);
}

/// A pool with one token endpoint, whose sources are given these responses.
struct Pool {
    health: EndpointHealth,
    now: Moment,
    members: Vec<(u64, World)>,
}

impl Pool {
    fn new(count: usize) -> Self {
        let mut health = EndpointHealth::new(7);
        let members =
            (0..count).map(|seed| (health.join(), World::with(Policy::default(), seed as u64)));
        Self {
            members: members.collect(),
            health,
            now: START,
        }
    }

    fn poll_for(&mut self, member: usize, caller: &mut Caller) -> Step {
        let (health, now) = (&mut self.health, self.now);
        let keeper = &mut self.members[member].1.keeper;
        keeper.poll_among(caller, now, |candidate| health.admit(candidate, now))
    }

    fn poll(&mut self, member: usize) -> Step {
        self.poll_for(member, &mut Caller::new())
    }

    /// Runs the acquisition that this member is admitted to.
    fn run(&mut self, member: usize, completion: Completion) {
        let (Step::Send(acquisition) | Step::Refresh { acquisition, .. }) = self.poll(member)
        else {
            panic!("{member} is not admitted");
        };
        self.finish(member, acquisition, completion);
    }

    fn finish(&mut self, member: usize, mut acquisition: Acquisition, completion: Completion) {
        leave(&mut acquisition, self.now);
        self.end(member, acquisition, completion);
    }

    fn end(&mut self, member: usize, mut acquisition: Acquisition, completion: Completion) {
        acquisition.handle(completion, self.now);
        let (number, world) = &mut self.members[member];
        self.health.note(*number, &acquisition, self.now);
        world.keeper.finish(acquisition, self.now);
    }

    fn is_admitted(&mut self, member: usize) -> bool {
        matches!(self.poll(member), Step::Send(_) | Step::Refresh { .. })
    }

    fn pass(&mut self, milliseconds: u64) {
        self.now = self.now.after(Duration::from_millis(milliseconds));
    }
}

// fault: error-of-one-client-is-not-of-the-endpoint
#[test]
fn error_of_one_client_holds_no_other_client_back() {
    let invalid = || response(401, &[], r#"{"error":"invalid_client"}"#);
    let certificate = TransportErrorKind::ClientCertificate;
    let certificate = || Completion::Failed(TransportError::new(certificate, "expired"));
    let of_transport = |kind| Completion::Failed(TransportError::new(kind, "not this way"));
    let errors: [&dyn Fn() -> Completion; 9] = [
        &invalid,
        &certificate,
        &|| response(302, &[], ""),
        &|| response(404, &[], "{}"),
        &|| response(403, &[], ""),
        &|| of_transport(TransportErrorKind::Redirect),
        &|| of_transport(TransportErrorKind::Certificate),
        &|| of_transport(TransportErrorKind::Tls),
        &|| of_transport(TransportErrorKind::Proxy),
    ];
    for (number, error) in errors.into_iter().enumerate() {
        let mut pool = Pool::new(3);
        pool.run(0, error());
        pool.run(1, error());
        assert!(pool.is_admitted(2), "error {number}");
    }
    // Nor do transient errors of a single one, such as those of its own proxy, or its own rate limit.
    let mut pool = Pool::new(2);
    for _ in 0..10 {
        pool.run(0, response(429, &[], ""));
        pool.pass(60_000);
    }
    assert!(pool.is_admitted(1));
}

// fault: failing-endpoint-is-asked-by-all
#[test]
fn caller_that_is_held_back_gets_the_error_of_the_endpoint_without_the_words_to_another_client() {
    let mut pool = Pool::new(3);
    let words = r#"{"error":"server_error","error_description":"client a is locked"}"#;
    pool.run(0, response(500, &[], words));
    pool.run(1, response(500, &[], words));
    let mut caller = Caller::new().max_wait(pool.now, Duration::from_millis(100));
    let Step::Fail(error) = pool.poll_for(2, &mut caller) else {
        panic!("the caller has no time to wait for the next probe");
    };
    assert_eq!(error.status().unwrap(), 500);
    assert_eq!(error.code(), Some("server_error"));
    assert!(error.is_transient() && !error.to_string().contains("client a"));
    let Step::Wait { at_most, because } = pool.poll(2) else {
        panic!("a caller with time waits");
    };
    assert!(at_most >= Duration::from_secs(1) && because.is_some());
    // A code of the server's own is words too.
    let mut pool = Pool::new(3);
    let words = r#"{"error":"client a is locked"}"#;
    (0..2).for_each(|member| pool.run(member, response(500, &[], words)));
    let Step::Wait { because, .. } = pool.poll(2) else {
        panic!("a caller with time waits");
    };
    assert_eq!(because.unwrap().code(), None);
}

// fault: failing-endpoint-is-asked-by-all
#[test]
fn caller_that_asks_for_a_refresh_is_not_held_back() {
    let mut pool = Pool::new(3);
    (0..2).for_each(|member| pool.run(member, refused()));
    assert!(!pool.is_admitted(2));
    let step = pool.poll_for(2, &mut Caller::new().refresh());
    let Step::Send(acquisition) = step else {
        panic!("not Send: {step:?}")
    };
    pool.finish(2, acquisition, token("t", 900));
    assert!(matches!(pool.poll(2), Step::Use(_)));
    pool.pass(600);
    assert!(pool.is_admitted(0), "the endpoint is back");
}

#[test]
fn wait_that_a_failing_server_asks_for_is_of_all_clients_up_to_a_minute() {
    let next = |status, wait: &str| {
        let mut pool = Pool::new(100);
        let headers = [("retry-after", wait)];
        (0..2).for_each(|member| pool.run(member, response(status, &headers, "")));
        (2..100).find(|member| {
            pool.pass(1000);
            pool.is_admitted(*member)
        })
    };
    assert_eq!(
        next(503, "20").map(|member| (20..24).contains(&(member - 1))),
        Some(true)
    );
    assert_eq!(
        next(503, "3600").map(|member| (60..68).contains(&(member - 1))),
        Some(true)
    );
    // A limit of one client.
    assert!(next(429, "3600").unwrap() <= 3);
}

// fault: wait-of-another-client-in-an-error
#[test]
fn caller_that_is_held_back_is_told_the_time_until_the_next_probe() {
    for (status, wait, least) in [(429, "3600", 1), (503, "20", 20), (503, "3600", 60)] {
        let mut pool = Pool::new(3);
        let headers = [("retry-after", wait)];
        (0..2).for_each(|member| pool.run(member, response(status, &headers, "")));
        let mut caller = Caller::new().max_wait(pool.now, Duration::from_millis(100));
        let Step::Fail(error) = pool.poll_for(2, &mut caller) else {
            panic!("the caller has no time to wait for the next probe");
        };
        let told = error.retry_after().unwrap().wait(pool.now.wall);
        assert!(
            (least..=least + 7).contains(&told.as_secs()),
            "{status}: {told:?}"
        );
    }
}

// fault: hung-requests-end-after-the-outage
#[test]
fn failure_of_a_request_that_left_before_the_endpoint_was_back_is_no_news() {
    let mut pool = Pool::new(4);
    let mut hung = Vec::new();
    for member in 0..2 {
        let Step::Send(mut acquisition) = pool.poll(member) else {
            panic!("the endpoint is healthy")
        };
        leave(&mut acquisition, pool.now);
        hung.push((member, acquisition));
    }
    pool.pass(5000);
    pool.run(2, token("t", 900));
    (0..2).for_each(|member| pool.members[member].1.now = pool.now);
    for (member, acquisition) in hung {
        pool.end(member, acquisition, refused());
    }
    assert!(pool.is_admitted(3));
}

/// A probe whose thread or task is gone.
#[test]
fn probe_that_does_not_come_back_is_followed_by_another() {
    let mut pool = Pool::new(4);
    (0..2).for_each(|member| pool.run(member, refused()));
    pool.pass(1600);
    let Step::Send(_lost) = pool.poll(2) else {
        panic!("the probe is due")
    };
    assert!(!pool.is_admitted(3));
    pool.pass(5000);
    assert!(pool.is_admitted(3));
}

fn at(endpoint: &str) -> Config {
    let config = Config::builder(endpoint, "id").client_secret(Secret::new("s3cret"));
    config.build().unwrap()
}

#[test]
fn endpoints_of_two_origins_fail_apart() {
    let mut pool = Pool::new(3);
    (0..2).for_each(|member| pool.run(member, refused()));
    let keeper = &mut pool.members[2].1.keeper;
    keeper.replace_config(at("https://LOGIN.example/tenants/2/token"));
    assert!(!pool.is_admitted(2));
    let keeper = &mut pool.members[2].1.keeper;
    keeper.replace_config(at("https://login.example:8443/token"));
    assert!(pool.is_admitted(2));
}

#[test]
fn endpoint_that_fails_is_known_among_three_thousand() {
    let mut pool = Pool::new(3);
    for number in 0..3000 {
        let endpoint = at(&format!("https://{number}.example/token"));
        let fails = number % 100 == 99;
        for member in 0..3 {
            let keeper = &mut pool.members[member].1.keeper;
            keeper.replace_config(endpoint.clone());
        }
        for member in 0..2 {
            let completion = if fails { refused() } else { token("t", 900) };
            pool.run(member, completion);
        }
        assert_eq!(pool.is_admitted(2), !fails);
        pool.pass(1000);
        assert!(format!("{:?}", pool.health).len() < 45, "{:?}", pool.health);
    }
}

// fault: refresh-delays-the-probe-of-others
#[test]
fn refreshes_that_fail_without_end_do_not_keep_others_from_probing() {
    let mut pool = Pool::new(3);
    (0..2).for_each(|member| pool.run(member, refused()));
    let admitted = (0..10).find(|_| {
        pool.pass(500);
        let step = pool.poll_for(0, &mut Caller::new().refresh());
        let Step::Send(acquisition) = step else {
            panic!("not Send: {step:?}")
        };
        pool.finish(0, acquisition, refused());
        pool.is_admitted(2)
    });
    assert!(
        admitted.is_some_and(|half_seconds| half_seconds < 4),
        "{admitted:?}"
    );
}

// fault: failure-of-last-night-holds-back-the-morning
#[test]
fn endpoint_that_was_not_asked_for_minutes_is_asked_by_all() {
    let mut pool = Pool::new(10);
    (0..2).for_each(|member| pool.run(member, refused()));
    pool.pass(8 * 3_600_000);
    let admitted = (2..10).filter(|member| pool.is_admitted(*member));
    assert_eq!(admitted.count(), 8);
}

/// Returns how long a client waits for its first token, in 40 runs, the shortest wait first. So many others wait for one
/// all the time, and each of their requests fails by their own limits.
fn waits_beside(failing: usize) -> Vec<Time> {
    let mut waits = Vec::new();
    for run in 0..40 {
        let mut process = Process::new(failing + 1, 0);
        (process.failing, process.failure) = (failing, || response(429, &[], ""));
        let comes = 300 * SECOND + run * 377;
        process
            .queue
            .retain(|Reverse((_, source))| *source < failing);
        process.queue.push(Reverse((comes, failing)));
        process.run_until(1200 * SECOND);
        waits.push(process.served[0] - comes);
    }
    waits.sort_unstable();
    waits
}

// fault: clients-that-fail-take-all-probes
#[test]
fn client_that_did_not_fail_probes_before_those_that_fail() {
    for failing in [2, 10, 50, 200] {
        let waits = waits_beside(failing);
        let (median, longest) = (waits[20], waits[39]);
        assert!(
            median < 15 * SECOND && longest < 75 * SECOND,
            "{failing}: {waits:?}"
        );
    }
}
