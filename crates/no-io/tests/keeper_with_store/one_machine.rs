//! Stores whose processes run on one machine.

use std::time::Duration;

use edge_oauth_no_io::{
    Acquisition, Action, Caller, Completion, Keeper, Moment, Policy, SecretBytes, Step,
    TransportError, TransportErrorKind,
};
use http::Response;

use crate::setup::{
    Store, adopt, ask, at, fetch, finish, keeper, local_keeper, refuse, respond, sends, start, used,
};

/// Gets an error response with this `Retry-After`.
fn respond_busy(acquisition: &mut Acquisition, seconds: &str, now: Moment) {
    let body = SecretBytes::new(br#"{"error":"slow_down"}"#.to_vec());
    let response = Response::builder().status(429);
    let response = response.header("retry-after", seconds).body(body).unwrap();
    acquisition.handle(Completion::Response(response), now);
}

/// The wait that the error of an acquisition names, which must not send.
#[track_caller]
fn wait_of(keeper: &mut Keeper, store: &mut Store, now: Moment) -> Duration {
    let mut acquisition = start(keeper, now);
    let action = ask(&mut acquisition, store, now);
    assert!(matches!(action, Action::Done), "{action:?}");
    let error = finish(keeper, acquisition, store, now)
        .unwrap()
        .unwrap_err();
    assert_eq!(error.status().unwrap(), 429);
    error.retry_after().unwrap().wait(now.wall)
}

// fault: retry-after-forgotten-by-the-next-run
#[test]
fn servers_wait_holds_for_later_processes_of_one_machine() {
    let mut store = Store::default();
    let mut first = local_keeper();
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    respond_busy(&mut holder, "3600", at(1.0));
    finish(&mut first, holder, &mut store, at(1.0));

    let mut later = local_keeper();
    let wait = wait_of(&mut later, &mut store, at(1801.0));
    assert_eq!(wait, Duration::from_secs(1800), "the rest of it");
    let Step::Fail(error) = later.poll_for(
        &mut Caller::new().max_wait(Duration::from_secs(30), at(1802.0)),
        at(1802.0),
    ) else {
        panic!("the keeper backs off until then")
    };
    assert_eq!(error.status().unwrap(), 429);

    // A caller that asks for a refresh asks all the same, and its success lifts the wait for all.
    let mut forced = local_keeper();
    let Step::Send(mut acquisition) = forced.poll_for(&mut Caller::new().refresh(), at(1803.0))
    else {
        panic!("a refresh asks")
    };
    sends(&mut acquisition, &mut store, at(1803.0));
    respond(&mut acquisition, 200, r#"{"access_token":"a"}"#, at(1803.0));
    finish(&mut forced, acquisition, &mut store, at(1803.0));
    assert_eq!(adopt(&mut local_keeper(), &mut store, at(1804.0)), "a");
}

// fault: retry-after-forgotten-by-the-next-run
#[test]
fn servers_wait_is_over_in_time_and_is_of_no_other_machine() {
    let mut store = Store::default();
    let mut first = local_keeper();
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    respond_busy(&mut holder, "60", at(1.0));
    finish(&mut first, holder, &mut store, at(1.0));
    let mut elsewhere = store.clone();
    sends(&mut start(&mut keeper(), at(2.0)), &mut elsewhere, at(2.0));
    // The lease lasts a little longer than the wait, by its jitter.
    assert!(store.lease.as_ref().unwrap().ends > at(61.0).wall);
    sends(
        &mut start(&mut local_keeper(), at(61.0)),
        &mut store,
        at(61.0),
    );
}

// fault: retry-after-forgotten-by-the-next-run
#[test]
fn error_without_a_wait_is_of_no_later_process_of_one_machine() {
    let mut store = Store::default();
    refuse(&mut local_keeper(), &mut store, at(0.0));
    let mut later = local_keeper();
    sends(&mut start(&mut later, at(1.0)), &mut store, at(1.0));
}

// fault: each-run-refreshes-at-a-server-that-fails
#[test]
fn shared_error_holds_for_the_refresh_of_a_later_process_of_one_machine() {
    let mut store = Store::default();
    let mut first = local_keeper();
    fetch(&mut first, &mut store, "a", at(0.0));
    refuse(&mut first, &mut store, at(866.0));
    let mut later = local_keeper();
    assert_eq!(adopt(&mut later, &mut store, at(867.0)), "a");
    let Step::Refresh {
        mut acquisition, ..
    } = later.poll(at(867.0))
    else {
        panic!("the token is due")
    };
    let action = ask(&mut acquisition, &mut store, at(867.0));
    assert!(matches!(action, Action::Done), "{action:?}");
    finish(&mut later, acquisition, &mut store, at(867.0))
        .unwrap()
        .unwrap_err();
    assert_eq!(used(&later.poll(at(867.0))), Some("a"));
    // Without a valid token it asks: the fault may be fixed.
    sends(
        &mut start(&mut local_keeper(), at(871.0)),
        &mut store,
        at(871.0),
    );
}

// fault: each-run-refreshes-at-a-server-that-fails
#[test]
fn fault_of_a_refresh_holds_for_later_refreshes_and_for_no_other_request() {
    let mut store = Store::default();
    let mut first = local_keeper();
    fetch(&mut first, &mut store, "a", at(0.0));
    let mut acquisition = start(&mut first, at(800.0));
    sends(&mut acquisition, &mut store, at(800.0));
    let error = TransportError::new(TransportErrorKind::Timeout, "");
    acquisition.handle(Completion::Failed(error), at(802.0));
    finish(&mut first, acquisition, &mut store, at(802.0));
    let hold = store.lease.as_ref().unwrap().ends - at(802.0).wall;
    assert!(hold >= Duration::from_secs(5), "{hold:?} of 900 s");

    let mut later = local_keeper();
    assert_eq!(adopt(&mut later, &mut store, at(803.0)), "a");
    let Step::Refresh {
        mut acquisition, ..
    } = later.poll(at(803.0))
    else {
        panic!("the token is due")
    };
    let action = ask(&mut acquisition, &mut store, at(803.0));
    assert!(matches!(action, Action::Done), "{action:?}");
    finish(&mut later, acquisition, &mut store, at(803.0));

    let mut forced = local_keeper();
    let Step::Send(mut acquisition) = forced.poll_for(&mut Caller::new().refresh(), at(803.0))
    else {
        panic!("a refresh asks")
    };
    sends(&mut acquisition, &mut store.clone(), at(803.0));
    let mut longer = local_keeper();
    let mut caller = Caller::new().min_remaining(Duration::from_secs(600));
    let Step::Send(mut acquisition) = longer.poll_for(&mut caller, at(803.0)) else {
        panic!("nothing is cached")
    };
    sends(&mut acquisition, &mut store, at(803.0));
    assert!(
        store.lease.as_ref().unwrap().error_response.is_none(),
        "under a lease"
    );
}

#[test]
fn process_that_waited_for_a_fault_gets_the_lease() {
    let mut store = Store::default();
    let (mut first, mut second) = (local_keeper(), local_keeper());
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    let mut waiting = start(&mut second, at(0.0));
    let action = ask(&mut waiting, &mut store, at(0.1));
    assert!(matches!(action, Action::Pause(_)), "{action:?}");
    let error = TransportError::new(TransportErrorKind::Connect, "refused");
    holder.handle(Completion::Failed(error), at(0.5));
    finish(&mut first, holder, &mut store, at(0.5));
    sends(&mut waiting, &mut store, at(0.6));
    respond(&mut waiting, 200, r#"{"access_token":"a"}"#, at(0.7));
    finish(&mut second, waiting, &mut store, at(0.7));
    assert_eq!(adopt(&mut local_keeper(), &mut store, at(0.8)), "a");
}

// fault: young-process-puts-off-a-due-refresh
#[test]
fn token_that_is_due_is_refreshed_by_a_process_that_has_just_started() {
    let mut store = Store::default();
    fetch(&mut keeper(), &mut store, "a", at(0.0));
    let mut young = keeper();
    // Its monotonic clock began with it.
    let now = Moment {
        monotonic: Duration::from_millis(1),
        wall: at(866.0).wall,
    };
    assert_eq!(adopt(&mut young, &mut store, now), "a");
    assert!(matches!(young.poll(now), Step::Refresh { .. }));

    let mut fresh = keeper();
    let mut store = Store::default();
    fetch(&mut keeper(), &mut store, "a", at(0.0));
    assert_eq!(adopt(&mut fresh, &mut store, at(0.5)), "a");
    let Step::Use(token) = fresh.poll(at(0.5)) else {
        panic!("a token is cached")
    };
    fresh.invalidate(&token, at(0.5));
    let Step::Wait { at_most, .. } = fresh.poll(at(0.5)) else {
        panic!("a second lies between two tokens")
    };
    assert_eq!(at_most, Duration::from_millis(500));
}

// fault: refusal-lost-to-a-newcomer
#[test]
fn process_of_one_machine_waits_for_a_newcomer_that_took_the_lease() {
    let mut store = Store::default();
    let (mut first, mut second) = (local_keeper(), local_keeper());
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    let mut waiting = start(&mut second, at(0.1));
    assert!(matches!(
        ask(&mut waiting, &mut store, at(0.1)),
        Action::Pause(_)
    ));
    // Before the waiting process looks again, a newcomer has overwritten the error response; and another one after it.
    let mut newcomer = (holder, first);
    for seconds in [0.5, 1.0, 1.5] {
        let refused = r#"{"error":"invalid_client"}"#;
        respond(&mut newcomer.0, 401, refused, at(seconds));
        finish(&mut newcomer.1, newcomer.0, &mut store, at(seconds));
        let mut next = local_keeper();
        let mut acquisition = start(&mut next, at(seconds + 0.1));
        sends(&mut acquisition, &mut store, at(seconds + 0.1));
        newcomer = (acquisition, next);
        let action = ask(&mut waiting, &mut store, at(seconds + 0.2));
        assert!(matches!(action, Action::Pause(_)), "{action:?}");
    }
    respond(
        &mut newcomer.0,
        401,
        r#"{"error":"invalid_client"}"#,
        at(2.0),
    );
    finish(&mut newcomer.1, newcomer.0, &mut store, at(2.0));
    let action = ask(&mut waiting, &mut store, at(2.1));
    assert!(matches!(action, Action::Done), "{action:?}");
    let error = finish(&mut second, waiting, &mut store, at(2.1));
    assert_eq!(error.unwrap().unwrap_err().code(), Some("invalid_client"));
}

// fault: refusal-of-a-slow-server-repeated
#[test]
fn lease_of_one_machine_lasts_for_half_of_an_exchange() {
    let policy = Policy::default().timeout(Duration::from_secs(30));
    let config = keeper().config().clone();
    let slow = || Keeper::new(config.clone(), policy.clone(), 7).with_local_store();
    let mut store = Store::default();
    let (mut first, mut second) = (slow(), slow());
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    let mut waiting = start(&mut second, at(0.1));
    for seconds in [0.1, 5.0, 10.0] {
        let action = ask(&mut waiting, &mut store, at(seconds));
        assert!(matches!(action, Action::Pause(_)), "{action:?}");
    }
    respond(&mut holder, 401, r#"{"error":"invalid_client"}"#, at(12.0));
    finish(&mut first, holder, &mut store, at(12.0));
    let action = ask(&mut waiting, &mut store, at(12.1));
    assert!(matches!(action, Action::Done), "{action:?}");

    // A holder that is stopped is waited for no longer, and by a hasty process for half of its time.
    let (mut first, mut second) = (slow(), slow());
    let mut store = Store::default();
    let mut stopped = start(&mut first, at(0.0));
    sends(&mut stopped, &mut store, at(0.0));
    let mut waiting = start(&mut second, at(0.1));
    assert!(matches!(
        ask(&mut waiting, &mut store, at(0.1)),
        Action::Pause(_)
    ));
    let config = keeper().config().clone();
    let policy = Policy::default().timeout(Duration::from_millis(600));
    let mut hasty = Keeper::new(config, policy, 7).with_local_store();
    let mut hurried = start(&mut hasty, at(1.0));
    for seconds in [1.0, 1.2] {
        let action = ask(&mut hurried, &mut store, at(seconds));
        assert!(matches!(action, Action::Pause(_)), "{action:?}");
    }
    let Action::Send(_, limits) = ask(&mut hurried, &mut store, at(1.35)) else {
        panic!("half of the time is left for the request")
    };
    assert_eq!(limits.timeout, Duration::from_millis(250));
    sends(&mut waiting, &mut store, at(15.1));
}
