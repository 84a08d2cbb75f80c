//! The time of a request beside the time for the store.

use std::time::Duration;

use edge_oauth_no_io::{Action, Caller, Keeper, Policy, Step};

use crate::setup::{
    Store, ask, at, finish, keeper, pauses, respond, sends, start, two_with_a_token_of_300_s, used,
};

/// Returns two keepers with a token of 5 s, whose refresh is due at 3.8 s. Its holder took 0.3 s.
fn two_with_a_token_of_5_s(store: &mut Store) -> (Keeper, Keeper) {
    let (mut first, mut second) = (keeper(), keeper());
    let mut acquisition = start(&mut first, at(0.0));
    sends(&mut acquisition, store, at(0.0));
    let mut waiting = start(&mut second, at(0.0));
    pauses(&mut waiting, store, at(0.0));
    let body = r#"{"access_token":"a","expires_in":5}"#;
    respond(&mut acquisition, 200, body, at(0.3));
    finish(&mut first, acquisition, store, at(0.3));
    let action = ask(&mut waiting, store, at(0.35));
    assert!(matches!(action, Action::Done), "{action:?}");
    finish(&mut second, waiting, store, at(0.35));
    (first, second)
}

// fault: killed-holder-of-a-short-lived-token
#[test]
fn lease_of_a_short_lived_token_lasts_for_twice_the_time_of_the_latest() {
    for (took, lasts) in [(0.1, 0.5), (0.8, 1.6), (2.0, 3.0)] {
        let mut store = Store::default();
        let mut keeper = keeper();
        let mut acquisition = start(&mut keeper, at(0.0));
        sends(&mut acquisition, &mut store, at(0.0));
        let lease = store.lease.as_ref().unwrap();
        assert_eq!(lease.ends - lease.began, Duration::from_secs(3), "unknown");
        let body = r#"{"access_token":"a","expires_in":5}"#;
        respond(&mut acquisition, 200, body, at(took));
        finish(&mut keeper, acquisition, &mut store, at(took));
        let mut refresh = start(&mut keeper, at(4.0));
        sends(&mut refresh, &mut store, at(4.0));
        let lease = store.lease.as_ref().unwrap();
        assert_eq!(lease.ends - lease.began, Duration::from_secs_f64(lasts));
    }
}

// fault: killed-holder-of-a-short-lived-token
#[test]
fn killed_holder_of_a_short_lived_token_is_followed_by_one_process() {
    let mut store = Store::default();
    let (mut first, mut second) = two_with_a_token_of_5_s(&mut store);
    let mut killed = start(&mut first, at(4.2));
    sends(&mut killed, &mut store, at(4.2));
    let mut waiting = start(&mut second, at(4.2));
    pauses(&mut waiting, &mut store, at(4.2));
    // A process that knows nothing yet learns from the lease of the holder.
    let mut newcomer = start(&mut keeper(), at(4.6));
    pauses(&mut newcomer, &mut store, at(4.6));
    sends(&mut newcomer, &mut store, at(4.8));
    let lease = store.lease.as_ref().unwrap();
    assert_eq!(lease.ends - lease.began, Duration::from_millis(600));
    // It is killed too. The other one waits beyond the end of its token.
    pauses(&mut waiting, &mut store, at(5.3));
    sends(&mut waiting, &mut store, at(5.45));
    let lease = store.lease.as_ref().unwrap();
    assert_eq!(lease.ends - lease.began, Duration::from_millis(700));
    assert_eq!(waiting.time_left(at(5.45)), Duration::from_secs(2));
}

// fault: killed-holder-of-a-short-lived-token
#[test]
fn refresh_waits_for_others_for_half_of_an_exchange_beyond_its_token() {
    let mut store = Store::default();
    let (mut first, mut second) = two_with_a_token_of_5_s(&mut store);
    let mut holder = start(&mut first, at(4.0));
    sends(&mut holder, &mut store, at(4.0));
    let mut waiting = start(&mut second, at(4.0));
    pauses(&mut waiting, &mut store, at(4.5));
    // Each holder is killed. The next ones do not know yet how long a request takes.
    for (seconds, ends) in [(5.5, 8.4), (8.6, 9.4)] {
        sends(
            &mut start(&mut keeper(), at(seconds)),
            &mut store,
            at(seconds),
        );
        pauses(&mut waiting, &mut store, at(seconds + 0.1));
        pauses(&mut waiting, &mut store, at(ends));
    }
    let Action::Send(_, limits) = waiting.poll(at(9.6), [9; 16]) else {
        panic!("the rest of its time is for its request")
    };
    assert!(limits.timeout > Duration::from_millis(1800), "{limits:?}");
}

// fault: refresh-does-not-wait-for-a-slow-holder
#[test]
fn refresh_waits_for_a_slow_holder_while_the_cached_token_lasts() {
    let mut store = Store::default();
    let (mut first, mut second) = two_with_a_token_of_300_s(&mut store);
    let mut holder = start(&mut first, at(240.0));
    sends(&mut holder, &mut store, at(240.0));
    let mut waiting = start(&mut second, at(240.0));
    for seconds in [240.0, 241.2, 241.8] {
        let action = ask(&mut waiting, &mut store, at(seconds));
        assert!(matches!(action, Action::Pause(_)), "{action:?}");
    }
    let body = r#"{"access_token":"b","expires_in":300}"#;
    respond(&mut holder, 200, body, at(241.9));
    finish(&mut first, holder, &mut store, at(241.9));
    let action = ask(&mut waiting, &mut store, at(242.0));
    assert!(matches!(action, Action::Done), "{action:?}");
    let outcome = finish(&mut second, waiting, &mut store, at(242.0));
    assert_eq!(outcome, Some(Ok("b".to_owned())));
}

// fault: refresh-does-not-wait-for-a-slow-holder
#[test]
fn refresh_over_a_store_gives_its_request_as_much_time_as_without_one() {
    let mut store = Store::default();
    let (mut first, mut second) = two_with_a_token_of_300_s(&mut store);
    let mut alone = start(&mut first, at(240.0));
    let Action::Send(_, limits) = ask(&mut alone, &mut store, at(240.0)) else {
        panic!("the lease is free")
    };
    assert_eq!(limits.timeout, Duration::from_secs(2));
    assert_eq!(alone.time_left(at(240.0)), limits.timeout);
    // Three leases run out, one after the other.
    let mut waiting = start(&mut second, at(240.0));
    let action = ask(&mut waiting, &mut store, at(240.0));
    assert!(matches!(action, Action::Pause(_)), "{action:?}");
    let Action::Send(_, limits) = waiting.poll(at(249.5), [9; 16]) else {
        panic!("the rest of its time is for its request")
    };
    assert_eq!(limits.timeout, Duration::from_millis(1500));
}

// fault: claim-takes-all-of-a-short-acquisition
#[test]
fn claim_leaves_half_of_a_short_acquisition_to_its_request() {
    let policy = Policy::default().timeout(Duration::from_millis(80));
    let mut keeper = Keeper::new(keeper().config().clone(), policy, 7).with_store();
    let mut acquisition = start(&mut keeper, at(0.0));
    let Action::Claim(claim) = acquisition.poll(at(0.0), [0; 16]) else {
        panic!("the store is asked first")
    };
    assert_eq!(claim.timeout, Duration::from_millis(40));
}

// fault: expired-token-for-a-late-caller
#[test]
fn token_that_expired_under_way_goes_to_those_who_waited_and_to_no_late_caller() {
    let mut keeper = keeper();
    let mut store = Store::default();
    let mut first = Caller::new();
    let Step::Send(mut acquisition) = keeper.poll_for(&mut first, at(0.0)) else {
        panic!("no token is cached")
    };
    sends(&mut acquisition, &mut store, at(0.0));
    let (mut early, mut late) = (Caller::new(), Caller::new());
    for (caller, seconds) in [(&mut early, 4.9), (&mut late, 5.1)] {
        let step = keeper.poll_for(caller, at(seconds));
        assert!(matches!(step, Step::Wait { .. }), "{step:?}");
    }
    let body = r#"{"access_token":"a","expires_in":5}"#;
    respond(&mut acquisition, 200, body, at(5.2));
    finish(&mut keeper, acquisition, &mut store, at(5.2))
        .unwrap()
        .unwrap();
    for caller in [&mut first, &mut early] {
        assert_eq!(used(&keeper.poll_for(caller, at(5.2))), Some("a"));
    }
    let step = keeper.poll_for(&mut late, at(5.2));
    assert!(matches!(step, Step::Send(_)), "{step:?}");
}
