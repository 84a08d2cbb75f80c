//! Each scenario finds a fault that is seeded in the double around the driver.

use shuttle::scheduler::{RandomScheduler, UncontrolledNondeterminismCheckScheduler};
use shuttle::{Config, Runner};

use crate::schedules::check::find;
use crate::schedules::pool::{rotations, sources_at_the_bound};
use crate::schedules::scenarios::{
    callers_that_only_look, cancelled, cancelled_in_line, clock_of_a_test, cold, dropped_source,
    failed_refresh, fault, faulty_store, forced_refresh, lapsed, lost_jobs,
    observer_that_calls_back, panic_with_a_lease, panicking_transport, permanent_error, refresh,
    rejected, replaced_config, settled, store,
};
use crate::schedules::source::Kind;

/// The fault in a schedule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Seeded {
    Nothing,
    /// Each thread has a source of its own: no single-flight.
    TwoSources,
    /// The first wake-up of a task is lost.
    LostWakeUp,
    /// Callers ask for a new token, whatever is cached.
    AlwaysRefreshes,
    /// The runtime drops jobs.
    LostJobs,
    /// A new configuration does not arrive.
    LostRotation,
    /// Each process has a store of its own.
    TwoStores,
    /// Somebody holds on to the source.
    LeakedSource,
    /// A program ends before its source is settled.
    HastyEnd,
    /// The pool holds more than it may.
    LargePool,
}

type Scenario = fn(Kind, Seeded);

#[track_caller]
fn finds(cases: &[(Scenario, Seeded, &str)]) {
    for (number, &(scenario, seeded, says)) in cases.iter().enumerate() {
        for kind in [Kind::Threads, Kind::Tasks] {
            let found = find(says, move || scenario(kind, seeded));
            assert!(found.is_ok(), "case {number}, {seeded:?}: {found:?}");
            eprintln!("case {number}, {seeded:?}: found by {found:?} schedules");
        }
    }
}

/// Otherwise a schedule that fails could not be repeated.
#[test]
fn scenarios_depend_on_the_schedule_alone() {
    let all: [Scenario; 23] = [
        callers_that_only_look,
        cancelled,
        cancelled_in_line,
        clock_of_a_test,
        cold,
        dropped_source,
        failed_refresh,
        fault,
        faulty_store,
        forced_refresh,
        lapsed,
        lost_jobs,
        observer_that_calls_back,
        panic_with_a_lease,
        panicking_transport,
        permanent_error,
        refresh,
        rejected,
        replaced_config,
        rotations,
        settled,
        sources_at_the_bound,
        store,
    ];
    for scenario in all {
        for kind in [Kind::Threads, Kind::Tasks] {
            let schedules = RandomScheduler::new_from_seed(0, 500);
            let twice = UncontrolledNondeterminismCheckScheduler::new(schedules);
            Runner::new(twice, Config::new()).run(move || scenario(kind, Seeded::Nothing));
        }
    }
}

#[test]
fn second_request_in_flight_is_found() {
    let says = "2 token requests in flight";
    finds(&[
        (cold, Seeded::TwoSources, says),
        (forced_refresh, Seeded::TwoSources, says),
        (rejected, Seeded::TwoSources, says),
        (fault, Seeded::TwoSources, says),
        (permanent_error, Seeded::TwoSources, says),
        (callers_that_only_look, Seeded::TwoSources, says),
        (store, Seeded::TwoStores, says),
        (panic_with_a_lease, Seeded::TwoStores, says),
        (lapsed, Seeded::TwoSources, "3 token requests in flight"),
        (
            faulty_store,
            Seeded::TwoSources,
            "3 token requests in flight",
        ),
    ]);
}

#[test]
fn lost_wake_up_is_found() {
    let says = "too much time passed";
    finds(&[
        (fault, Seeded::LostWakeUp, says),
        (panicking_transport, Seeded::LostWakeUp, says),
        (lost_jobs, Seeded::LostWakeUp, says),
        (cancelled_in_line, Seeded::LostWakeUp, says),
    ]);
}

#[test]
fn wait_beside_a_valid_token_is_found() {
    let says = "waited beside a valid token";
    finds(&[
        (refresh, Seeded::AlwaysRefreshes, says),
        (failed_refresh, Seeded::AlwaysRefreshes, "as scripted"),
        (cold, Seeded::AlwaysRefreshes, says),
    ]);
}

#[test]
fn cost_of_a_cancelled_caller_is_found() {
    find("requests", || cancelled(Kind::Tasks, Seeded::LostJobs)).unwrap();
}

#[test]
fn lost_rotation_is_found() {
    finds(&[
        (
            replaced_config,
            Seeded::LostRotation,
            "the secret of a request",
        ),
        (rotations, Seeded::LostRotation, "the secret of the source"),
    ]);
}

#[test]
fn events_out_of_order_are_found() {
    let says = "t3";
    finds(&[(observer_that_calls_back, Seeded::TwoSources, says)]);
}

#[test]
fn source_that_is_not_dropped_is_found() {
    finds(&[(
        dropped_source,
        Seeded::LeakedSource,
        "the source is still there",
    )]);
}

#[test]
fn program_that_ends_before_its_token_is_there_is_found() {
    finds(&[(settled, Seeded::HastyEnd, "the token at the end")]);
}

#[test]
fn pool_above_its_bound_is_found() {
    finds(&[(
        sources_at_the_bound,
        Seeded::LargePool,
        "sources in the pool",
    )]);
}
