//! Error responses that processes share.

use std::time::Duration;

use edge_oauth_no_io::{Action, Caller, Step, StoreError};

use crate::setup::{
    START, Store, ask, ask_one_that_says, at, backoffs, events, fetch, finish, held, keeper,
    old_keeper, refuse, respond, sends, shared_error, start,
};

#[test]
fn error_response_reaches_those_who_were_there_and_no_newcomer() {
    let mut store = Store::default();
    let (mut first, mut second, mut newcomer) = (keeper(), keeper(), keeper());
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    let mut waiting = start(&mut second, at(0.0));
    assert!(matches!(
        ask(&mut waiting, &mut store, at(0.0)),
        Action::Pause(_)
    ));
    // It comes back without an outcome, and asks again later: it was there.
    finish(&mut second, waiting, &mut store, at(0.1));
    respond(&mut holder, 400, r#"{"error":"invalid_scope"}"#, at(1.0));
    assert!(
        finish(&mut first, holder, &mut store, at(1.0))
            .unwrap()
            .is_err()
    );

    let mut again = start(&mut second, at(1.1));
    assert!(matches!(ask(&mut again, &mut store, at(1.1)), Action::Done));
    let error = finish(&mut second, again, &mut store, at(1.1))
        .unwrap()
        .unwrap_err();
    assert!(error.to_string().contains("invalid_scope"), "{error}");
    let mut acquisition = start(&mut newcomer, at(1.2));
    sends(&mut acquisition, &mut store, at(1.2));
}

// fault: refresh-gets-the-shared-error-of-before
#[test]
fn shared_error_counts_for_no_refresh_that_began_after_it() {
    let mut store = Store::default();
    let mut keeper = keeper();
    fetch(&mut keeper, &mut store, "a", at(-900.0));
    refuse(&mut keeper, &mut store, at(0.0));
    let Step::Send(mut acquisition) = keeper.poll_for(&mut Caller::new().refresh(), at(2.0)) else {
        panic!("a refresh asks")
    };
    sends(&mut acquisition, &mut store, at(2.0));
}

// fault: refresh-gets-the-shared-error-of-before
#[test]
fn shared_error_counts_for_no_call_after_the_configuration_was_replaced() {
    let mut store = Store::default();
    let mut keeper = keeper();
    fetch(&mut keeper, &mut store, "a", at(-900.0));
    refuse(&mut keeper, &mut store, at(0.0));
    keeper.replace_config(keeper.config().clone());
    let mut acquisition = start(&mut keeper, at(2.0));
    sends(&mut acquisition, &mut store, at(2.0));
}

// fault: own-error-response-is-counted-twice
#[test]
fn own_error_is_no_second_failure_if_the_store_ends_its_backoff_a_little_later() {
    let mut store = Store::default();
    let mut keeper = keeper();
    fetch(&mut keeper, &mut store, "a", at(-900.0));
    let mut acquisition = start(&mut keeper, at(0.0));
    sends(&mut acquisition, &mut store, at(0.0));
    respond(
        &mut acquisition,
        400,
        r#"{"error":"invalid_scope"}"#,
        at(0.0),
    );
    keeper.finish(acquisition, at(0.0)).unwrap().unwrap_err();
    let finish = keeper.poll_finish().unwrap();
    let finish = finish.try_map(|_, response, _| Ok::<_, StoreError>(Some(response)));
    store.finish(finish.unwrap(), at(0.05).wall);

    let now = at(0.0).after(keeper.poll_timeout().unwrap() - at(0.0).monotonic);
    let mut again = start(&mut keeper, now);
    let action = ask(&mut again, &mut store, now);
    assert!(matches!(action, Action::Pause(_)), "{action:?}");
    let later = now.after(Duration::from_millis(60));
    sends(&mut again, &mut store, later);
}

// fault: shared-error-that-never-ends
#[test]
fn shared_error_that_never_ends_is_believed_for_its_time_and_counted_once() {
    let error = shared_error(r#"{"error":"invalid_scope"}"#);
    let mut keeper = old_keeper();
    let mut now = at(0.0);
    let found = held(&error, 7, 20);
    let (mut failures, mut believed) = (Vec::new(), 0);
    let asked_alone = loop {
        let mut acquisition = start(&mut keeper, now);
        if let Action::Send(..) = ask_one_that_says(&mut acquisition, &found, &mut now) {
            break acquisition;
        }
        believed += 1;
        keeper.finish(acquisition, now).unwrap().unwrap_err();
        failures.extend(backoffs(&events(&mut keeper)));
        now = now.after(keeper.poll_timeout().unwrap().saturating_sub(now.monotonic));
        assert!(now.monotonic <= at(60.0).monotonic, "believed for ever");
    };
    assert!(believed >= 1);
    assert_eq!(failures.len(), 1, "one error is one failure: {failures:?}");
    let lasted = now.monotonic - at(0.0).monotonic;
    assert!(
        lasted >= Duration::from_secs(20) && lasted <= Duration::from_secs(22),
        "{lasted:?}"
    );

    // From now on the store is not believed at all.
    keeper.finish(asked_alone, now);
    let mut again = start(&mut keeper, now);
    let before = now;
    let action = ask_one_that_says(&mut again, &found, &mut now);
    assert!(
        matches!(action, Action::Send(..)) && now == before,
        "{action:?}"
    );
}

// fault: shared-error-that-never-ends
#[test]
fn shared_error_ends_after_the_longest_backoff_of_its_kind() {
    for (body, retry_after, longest) in [
        (r#"{"error":"invalid_scope"}"#, 0, 600),
        (r#"{"error":"temporarily_unavailable"}"#, 0, 30),
        // The jitter of a server's wait is at most a tenth of it. The store's clock stands, so the wait is read twice.
        (r#"{"error":"temporarily_unavailable"}"#, 100, 220),
    ] {
        let retry_at = START.wall + Duration::from_secs(retry_after);
        let error = shared_error(body).map(|error| match retry_after {
            0 => error,
            _ => error.with_retry_at(retry_at),
        });
        let mut keeper = old_keeper();
        let mut now = at(0.0);
        let found = held(&error, 7, u64::MAX);
        loop {
            let mut acquisition = start(&mut keeper, now);
            if let Action::Send(..) = ask_one_that_says(&mut acquisition, &found, &mut now) {
                break;
            }
            keeper.finish(acquisition, now).unwrap().unwrap_err();
            now = now.after(keeper.poll_timeout().unwrap().saturating_sub(now.monotonic));
            assert!(now.monotonic <= at(2000.0).monotonic, "believed for ever");
        }
        let lasted = now.monotonic - at(0.0).monotonic;
        assert!(lasted <= Duration::from_secs(longest + 2), "{lasted:?}");
    }
}

// fault: shared-error-that-never-ends
#[test]
fn backoff_after_a_shared_error_lasts_no_longer_than_the_lease() {
    let error = shared_error(r#"{"error":"invalid_scope"}"#);
    let mut keeper = old_keeper();
    let mut now = at(0.0);
    let mut acquisition = start(&mut keeper, now);
    let action = ask_one_that_says(&mut acquisition, &held(&error, 7, 2), &mut now);
    assert!(matches!(action, Action::Done), "{action:?}");
    keeper.finish(acquisition, now).unwrap().unwrap_err();
    assert_eq!(backoffs(&events(&mut keeper)), [Duration::from_secs(2)]);
}

// fault: shared-error-of-an-old-snapshot
#[test]
fn shared_error_of_an_old_snapshot_is_not_believed() {
    let error = shared_error(r#"{"error":"invalid_scope"}"#);
    let mut keeper = old_keeper();
    let mut now = at(0.0);
    let mut acquisition = start(&mut keeper, now);
    let action = ask_one_that_says(&mut acquisition, &held(&error, 7, 2), &mut now);
    assert!(matches!(action, Action::Done), "{action:?}");
    keeper.finish(acquisition, now).unwrap().unwrap_err();
    now = at(30.0);
    let mut acquisition = start(&mut keeper, now);
    let action = ask_one_that_says(&mut acquisition, &held(&error, 6, 2), &mut now);
    assert!(matches!(action, Action::Send(..)), "{action:?}");
}

// fault: shared-error-that-does-not-open
#[test]
fn shared_error_that_does_not_open_is_not_waited_for() {
    let mut keeper = old_keeper();
    let mut now = at(0.0);
    let mut acquisition = start(&mut keeper, now);
    let action = ask_one_that_says(&mut acquisition, &held(&None, 7, 600), &mut now);
    assert!(matches!(action, Action::Send(..)), "{action:?}");
    assert_eq!(now, at(0.0), "a backoff of others is not waited for");
}

// fault: shared-error-meets-a-newcomer
#[test]
fn store_that_ignores_who_was_there_gives_no_error_to_a_newcomer() {
    let error = shared_error(r#"{"error":"invalid_scope"}"#);
    let mut now = at(0.0);
    let mut newcomer = keeper();
    let mut acquisition = start(&mut newcomer, now);
    let action = ask_one_that_says(&mut acquisition, &held(&error, 7, 60), &mut now);
    assert!(matches!(action, Action::Send(..)), "{action:?}");
}

// fault: error-response-to-processes-that-start-together
#[test]
fn first_acquisition_that_waits_for_the_holder_gets_its_error() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    let mut waiting = start(&mut second, at(0.0));
    assert!(matches!(
        ask(&mut waiting, &mut store, at(0.0)),
        Action::Pause(_)
    ));
    respond(&mut holder, 400, r#"{"error":"invalid_scope"}"#, at(1.0));
    finish(&mut first, holder, &mut store, at(1.0))
        .unwrap()
        .unwrap_err();
    let action = ask(&mut waiting, &mut store, at(1.1));
    assert!(matches!(action, Action::Done), "{action:?}");
    let error = finish(&mut second, waiting, &mut store, at(1.1))
        .unwrap()
        .unwrap_err();
    assert!(error.to_string().contains("invalid_scope"), "{error}");
}
