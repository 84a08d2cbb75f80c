//! The exact limits of what keepers share about token endpoints that fail.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use common::{START, builder, leave, response, token};
use edge_oauth_no_io::{
    Acquisition, Caller, Candidate, Completion, EndpointHealth, Keeper, Moment, Policy, Step,
    TransportError, TransportErrorKind,
};

const SECOND: Duration = Duration::from_secs(1);
const NANO: Duration = Duration::from_nanos(1);

fn keeper_of(endpoint: usize) -> Keeper {
    let config = builder().endpoint(format!("https://e{endpoint}.example/token"));
    Keeper::new(config.build().unwrap(), Policy::default(), 7)
}

fn started(keeper: &mut Keeper, now: Moment) -> Acquisition {
    let Step::Send(mut acquisition) = keeper.poll(now) else {
        panic!("a keeper without a token asks")
    };
    leave(&mut acquisition, now);
    acquisition
}

fn admits(keeper: &mut Keeper, health: &mut EndpointHealth, now: Moment) -> bool {
    let admit = |candidate: &Candidate<'_>| health.admit(candidate, now);
    let step = keeper.poll_among(&mut Caller::new(), now, admit);
    matches!(step, Step::Send(_))
}

/// Returns whether a keeper that knows nothing yet is admitted.
fn admits_newcomer(endpoint: usize, health: &mut EndpointHealth, now: Moment) -> bool {
    admits(&mut keeper_of(endpoint), health, now)
}

fn refused() -> Completion {
    Completion::Failed(TransportError::new(TransportErrorKind::Connect, "refused"))
}

fn note(endpoint: usize, health: &mut EndpointHealth, member: u64, done: Completion, now: Moment) {
    let mut acquisition = started(&mut keeper_of(endpoint), now);
    acquisition.handle(done, now);
    health.note(member, &acquisition, now);
}

/// Two keepers report that the endpoint fails.
fn fail(endpoint: usize, health: &mut EndpointHealth, now: Moment) {
    for _ in 0..2 {
        let member = health.join();
        note(endpoint, health, member, refused(), now);
    }
}

fn failing() -> EndpointHealth {
    let mut health = EndpointHealth::new(7);
    fail(1, &mut health, START);
    health
}

/// Returns the time until the next probe of a failing endpoint.
fn until_probe() -> Duration {
    let (mut before, mut after) = (Duration::ZERO, 2 * SECOND);
    while after - before > NANO {
        let middle = before + (after - before) / 2;
        match admits_newcomer(1, &mut failing(), START.after(middle)) {
            true => after = middle,
            false => before = middle,
        }
    }
    after
}

#[test]
fn probe_follows_an_error_after_one_to_one_and_a_half_seconds() {
    for seed in 0..200 {
        let mut health = EndpointHealth::new(seed);
        fail(1, &mut health, START);
        let earliest = START.after(SECOND - NANO);
        assert!(!admits_newcomer(1, &mut health, earliest));
        let latest = START.after(SECOND + SECOND / 2);
        assert!(admits_newcomer(1, &mut health, latest), "{seed}");
    }
}

// fault: failing-endpoint-is-asked-by-all
#[test]
fn keeper_whose_own_request_failed_yields_the_probe_for_a_second() {
    let probe = START.after(until_probe());
    let is_admitted = |now| {
        let mut keeper = keeper_of(1);
        let mut acquisition = started(&mut keeper, START);
        acquisition.handle(refused(), START);
        keeper.finish(acquisition, START);
        admits(&mut keeper, &mut failing(), now)
    };
    assert!(!is_admitted(probe));
    assert!(!is_admitted(probe.after(SECOND - NANO)));
    assert!(is_admitted(probe.after(SECOND)));
}

#[test]
fn endpoint_that_no_keeper_probed_for_a_minute_is_healthy() {
    let minute = START.after(until_probe() + 60 * SECOND);
    let mut health = failing();
    assert!(admits_newcomer(1, &mut health, minute));
    assert!(!admits_newcomer(1, &mut health, minute), "one probes");
    let mut health = failing();
    assert!(admits_newcomer(1, &mut health, minute.after(NANO)));
    assert!(admits_newcomer(1, &mut health, minute.after(NANO)));
}

#[test]
fn probe_that_is_lost_delays_the_next_one_and_keeps_the_outage_known() {
    let (probe, mut health) = (until_probe(), failing());
    let member = health.join();
    let mut keeper = keeper_of(1);
    let at = START.after(probe);
    let admit = |candidate: &Candidate<'_>| health.admit(candidate, at);
    let Step::Send(mut lost) = keeper.poll_among(&mut Caller::new(), at, admit) else {
        panic!("it is time for a probe")
    };
    leave(&mut lost, at);
    health.note(member, &lost, at);
    assert!(!admits_newcomer(1, &mut health, at.after(SECOND - NANO)));
    let minute = at.after(60 * SECOND + NANO);
    assert!(admits_newcomer(1, &mut health, minute));
    assert!(!admits_newcomer(1, &mut health, minute), "one probes");
}

#[test]
fn probe_that_never_comes_back_counts_until_a_second_after_its_timeout() {
    let (probe, mut health) = (START.after(until_probe()), failing());
    let policy = Policy::default().timeout(SECOND / 2);
    let mut keeper = Keeper::new(keeper_of(1).config().clone(), policy, 7);
    assert!(admits(&mut keeper, &mut health, probe));
    let end = SECOND + SECOND / 2;
    assert!(!admits_newcomer(1, &mut health, probe.after(end - NANO)));
    assert!(admits_newcomer(1, &mut health, probe.after(end)));
}

#[test]
fn failure_that_is_more_than_a_minute_in_the_future_is_of_another_clock() {
    let start = START.after(1000 * SECOND);
    let is_admitted = |ahead| {
        let mut health = EndpointHealth::new(7);
        fail(1, &mut health, start);
        let monotonic = start.monotonic - ahead;
        admits_newcomer(1, &mut health, Moment { monotonic, ..start })
    };
    assert!(!is_admitted(60 * SECOND));
    assert!(is_admitted(60 * SECOND + NANO));
}

#[test]
fn one_keeper_alone_makes_no_endpoint_fail() {
    let mut health = EndpointHealth::new(7);
    let member = health.join();
    for _ in 0..3 {
        note(1, &mut health, member, refused(), START);
    }
    assert!(admits_newcomer(1, &mut health, START));
    let other = health.join();
    note(1, &mut health, other, refused(), START);
    assert!(!admits_newcomer(1, &mut health, START));
}

#[test]
fn failures_of_two_keepers_within_a_minute_make_an_endpoint_fail() {
    let is_admitted = |apart| {
        let mut health = EndpointHealth::new(7);
        let later = START.after(apart);
        for now in [START, later] {
            let member = health.join();
            note(1, &mut health, member, refused(), now);
        }
        admits_newcomer(1, &mut health, later)
    };
    assert!(!is_admitted(60 * SECOND));
    assert!(is_admitted(60 * SECOND + NANO));
}

// fault: error-of-one-client-is-not-of-the-endpoint
#[test]
fn redirect_shows_that_the_endpoint_responds() {
    let mut health = failing();
    let member = health.join();
    let redirect = TransportError::new(TransportErrorKind::Redirect, "elsewhere");
    note(1, &mut health, member, Completion::Failed(redirect), START);
    assert!(admits_newcomer(1, &mut health, START));
}

const MOST: usize = 1024;

#[track_caller]
fn assert_knows(count: usize, health: &EndpointHealth) {
    let text = format!("EndpointHealth {{ endpoints: {count}, .. }}");
    assert_eq!(format!("{health:?}"), text);
}

#[test]
fn endpoints_that_fail_take_the_places_of_healthy_ones() {
    let mut health = EndpointHealth::new(7);
    let member = health.join();
    for endpoint in 0..=MOST {
        note(endpoint, &mut health, member, token("t", 900), START);
    }
    assert_knows(MOST, &health);
    // One that has a place is noted there.
    fail(0, &mut health, START);
    assert!(!admits_newcomer(0, &mut health, START));
    assert_knows(MOST, &health);
    fail(MOST, &mut health, START);
    assert!(!admits_newcomer(MOST, &mut health, START));
    assert!(!admits_newcomer(0, &mut health, START));
    assert_knows(2, &health);
}

/// Fills all places with endpoints that respond, then has one more fail.
fn crowd(health: &mut EndpointHealth) {
    let member = health.join();
    for endpoint in 1..MOST {
        note(endpoint, health, member, token("t", 900), START);
    }
    assert_knows(MOST, health);
    fail(MOST, health, START);
    assert_knows(2, health);
}

#[test]
fn endpoint_with_one_failure_keeps_its_place() {
    let mut health = EndpointHealth::new(7);
    let members = [health.join(), health.join()];
    note(0, &mut health, members[0], refused(), START);
    crowd(&mut health);
    note(0, &mut health, members[1], refused(), START);
    assert!(!admits_newcomer(0, &mut health, START));
}

#[test]
fn endpoint_that_limits_a_client_keeps_its_place() {
    let mut health = EndpointHealth::new(7);
    let member = health.join();
    note(0, &mut health, member, response(429, &[], ""), START);
    crowd(&mut health);
    assert!(!admits_newcomer(0, &mut health, START));
}

#[test]
fn endpoints_that_fail_keep_their_places_for_two_minutes() {
    let mut health = EndpointHealth::new(7);
    for endpoint in 0..MOST {
        fail(endpoint, &mut health, START);
    }
    let end = START.after(120 * SECOND);
    let almost = START.after(120 * SECOND - NANO);
    fail(MOST, &mut health, almost);
    assert_knows(MOST, &health);
    assert!(admits_newcomer(MOST, &mut health, almost));
    let member = health.join();
    note(MOST, &mut health, member, token("t", 900), end);
    assert_knows(MOST, &health);
    fail(MOST, &mut health, end);
    assert_knows(1, &health);
    assert!(!admits_newcomer(MOST, &mut health, end));
}
