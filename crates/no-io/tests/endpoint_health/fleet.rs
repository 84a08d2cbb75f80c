//! Thousands of sources, in virtual time.

use std::cmp::Reverse;

use edge_oauth_no_io::Completion;

use crate::common::response;
use crate::process::{LATENCY, Process, SECOND, Time, refused, timed_out};

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

// fault: address-that-is-limited
#[test]
fn limited_address_is_asked_once_a_second_by_ten_thousand_clients() {
    let failures: [fn() -> Completion; 2] = [
        || response(429, &[], ""),
        || response(403, &[], "<html>blocked</html>"),
    ];
    for failure in failures {
        let mut process = Process::with_clients(MANY, 10 * SECOND, |source| source);
        (process.outage, process.failure) = (0..60 * SECOND, failure);
        process.run_until(100 * SECOND);
        assert!(process.is_once_a_second(LATENCY + 3..60 * SECOND));
        assert_eq!(process.served.len(), MANY);
        let busiest = process.busiest(60 * SECOND..100 * SECOND);
        assert!(busiest < 800, "{busiest} in a second");
    }
}

// fault: failing-endpoint-is-asked-by-all
#[test]
fn outage_of_a_tenth_of_the_lifetime_is_seen_by_no_caller_of_ten_thousand() {
    type Case = (usize, fn() -> Completion, fn(usize) -> usize);
    let failures: [Case; 5] = [
        (MANY, refused, |_| 0),
        (1000, || response(503, &[], ""), |_| 0),
        (1000, || response(429, &[], ""), |_| 0),
        (1000, || response(429, &[], ""), |source| source),
        (1000, || response(403, &[], "blocked"), |source| source),
    ];
    for (count, failure, client) in failures {
        let mut process = Process::with_clients(count, 900 * SECOND, client);
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

// fault: probes-that-hang-at-once
#[test]
fn endpoint_that_hangs_has_three_probes_at_once() {
    let mut process = Process::new(1000, 900 * SECOND);
    (process.hangs, process.failure) = (true, timed_out);
    process.outage = 3600 * SECOND..3690 * SECOND;
    process.run_until(4500 * SECOND);
    assert_eq!(process.served.len(), 1000, "no caller sees the outage");
    // The requests that left before the first of them failed.
    let known = 3612 * SECOND..3690 * SECOND;
    let (at_once, probes) = (
        process.most_at_once(known.clone()),
        process.requests(known.clone()),
    );
    assert!(at_once <= 3, "{at_once} at once");
    assert!(probes >= 78 / 6, "{probes}");
    let mut before = known.start;
    for at in process.requests.iter().filter(|at| known.contains(at)) {
        assert!(at - before <= 7 * SECOND, "{before}..{at}");
        before = *at;
    }

    // Callers without a token.
    let mut process = Process::new(MANY, 100 * SECOND);
    (process.hangs, process.failure) = (true, timed_out);
    process.outage = 0..100 * SECOND;
    process.run_until(140 * SECOND);
    let at_once = process.most_at_once(22 * SECOND..100 * SECOND);
    assert!(at_once <= 3, "{at_once} at once");
    assert_eq!(process.served.len(), MANY);
    assert!(process.served[0] < 107 * SECOND);
}

// fault: refreshes-make-newcomers-wait
#[test]
fn newcomer_in_an_outage_is_not_counted_among_those_with_a_token() {
    let mut process = Process::new(1000, 900 * SECOND);
    process.outage = 3600 * SECOND..3660 * SECOND;
    process.queue.retain(|Reverse((_, source))| *source < 995);
    let newcomers = (995..1000).map(|source| Reverse((3645 * SECOND, source)));
    process.queue.extend(newcomers);
    process.run_until(3700 * SECOND);
    assert_eq!(process.served.len(), 1000);
    let latest = *process.served.last().unwrap();
    assert!(latest < 3665 * SECOND, "{latest}");
}

/// Returns how long a client waits for its first token, in 40 runs, the shortest wait first. So many others want one all
/// the time, and each of their requests fails.
fn waits_beside(failing: usize, starts_within: Time, fails: impl Fn(&mut Process)) -> Vec<Time> {
    let mut waits = Vec::new();
    for run in 0..40 {
        let mut process = Process::with_clients(failing + 1, starts_within, |source| source);
        process.failing = failing;
        fails(&mut process);
        let comes = 300 * SECOND + run * 377;
        process
            .queue
            .retain(|Reverse((_, source))| *source < failing);
        process.queue.push(Reverse((comes, failing)));
        process.run_until(400 * SECOND);
        waits.push(process.served[0] - comes);
    }
    waits.sort_unstable();
    waits
}

// fault: clients-that-fail-take-all-probes
#[test]
fn client_that_did_not_fail_probes_before_those_that_fail() {
    let failures: [fn() -> Completion; 3] = [
        || response(429, &[], ""),
        // Another endpoint on the same host.
        || response(500, &[], ""),
        refused,
    ];
    for failure in failures {
        for failing in [2, 10, 50, 200] {
            let waits = waits_beside(failing, 0, |process| process.failure = failure);
            let (median, longest) = (waits[20], waits[39]);
            assert!(
                median < 2 * SECOND && longest < 5 * SECOND,
                "{failing}: {waits:?}"
            );
        }
    }
}

// fault: probes-that-are-lost-take-all-turns
#[test]
fn client_whose_requests_come_back_probes_before_those_that_lose_them() {
    for failing in [2, 10, 40] {
        let waits = waits_beside(failing, 100 * SECOND, |process| {
            process.loses_from = 15 * SECOND;
        });
        assert!(*waits.last().unwrap() < 15 * SECOND, "{failing}: {waits:?}");
    }
}
