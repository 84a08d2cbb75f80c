//! Keepers that share a store: who makes the request, and what the others get.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use edge_oauth_no_io::{
    Acquisition, Action, Caller, Claim, Claimed, Completion, Config, Event, Finish, Found, Keeper,
    Moment, Policy, ReferenceStore, Secret, SecretBytes, Share, SharedResponse, Step, StoreError,
    TokenError, TransportError, TransportErrorKind,
};
use http::Response;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const START: Moment = Moment {
    monotonic: Duration::ZERO,
    wall: Duration::from_secs(1_800_000_000),
};

type Store = ReferenceStore<Option<SharedResponse>>;

fn at(seconds: f64) -> Moment {
    START.after(Duration::from_secs_f64(1000.0 + seconds))
}

fn keeper() -> Keeper {
    keeper_with_seed(7)
}

fn keeper_with_seed(seed: u64) -> Keeper {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap();
    Keeper::new(config, Policy::default(), seed).with_store()
}

/// A keeper whose store is of one machine.
fn local_keeper() -> Keeper {
    Keeper::new(keeper().config().clone(), Policy::default(), 7).with_local_store()
}

fn start(keeper: &mut Keeper, now: Moment) -> Acquisition {
    match keeper.poll(now) {
        Step::Send(acquisition) | Step::Refresh { acquisition, .. } => acquisition,
        other => panic!("{other:?}"),
    }
}

/// Runs the acquisition against the store until it pauses, wants to send, or is done. The store's clock is the wall clock.
fn ask(acquisition: &mut Acquisition, store: &mut Store, now: Moment) -> Action {
    loop {
        match acquisition.poll(now, [9; 16]) {
            Action::Claim(claim) => {
                let claimed = store.claim(&claim, now.wall);
                let claimed = claimed.map(|_, response| response);
                acquisition.handle(Completion::Claimed(Ok(claimed)), now);
            }
            action => return action,
        }
    }
}

#[track_caller]
fn sends(acquisition: &mut Acquisition, store: &mut Store, now: Moment) {
    let action = ask(acquisition, store, now);
    assert!(matches!(action, Action::Send(..)), "{action:?}");
}

fn respond(acquisition: &mut Acquisition, status: u16, body: &str, now: Moment) {
    let mut response = Response::new(SecretBytes::new(body.as_bytes().to_vec()));
    *response.status_mut() = status.try_into().unwrap();
    acquisition.handle(Completion::Response(response), now);
}

/// Hands the acquisition back to the keeper, and the end of its lease to the store.
fn finish(
    keeper: &mut Keeper,
    acquisition: Acquisition,
    store: &mut Store,
    now: Moment,
) -> Option<Result<String, TokenError>> {
    let outcome = keeper.finish(acquisition, now);
    if let Some(finish) = keeper.poll_finish() {
        let finish = finish.try_map(|_, response, _| Ok::<_, StoreError>(Some(response)));
        store.finish(finish.unwrap(), now.wall);
    }
    outcome.map(|outcome| outcome.map(|token| token.expose().to_owned()))
}

/// Requests a token of this name for 900 s.
fn fetch(keeper: &mut Keeper, store: &mut Store, name: &str, now: Moment) {
    let mut acquisition = start(keeper, now);
    sends(&mut acquisition, store, now);
    let body = format!(r#"{{"access_token":"{name}","expires_in":900}}"#);
    respond(&mut acquisition, 200, &body, now);
    finish(keeper, acquisition, store, now).unwrap().unwrap();
}

/// Runs an acquisition that must not send, and returns its token.
#[track_caller]
fn adopt(keeper: &mut Keeper, store: &mut Store, now: Moment) -> String {
    let mut acquisition = start(keeper, now);
    let action = ask(&mut acquisition, store, now);
    assert!(matches!(action, Action::Done), "{action:?}");
    finish(keeper, acquisition, store, now).unwrap().unwrap()
}

fn events(keeper: &mut Keeper) -> Vec<Event> {
    std::iter::from_fn(|| keeper.poll_event()).collect()
}

fn used(step: &Step) -> Option<&str> {
    match step {
        Step::Use(token) | Step::Refresh { token, .. } => Some(token.expose()),
        _ => None,
    }
}

// fault: one-request-per-process
#[test]
fn second_keeper_takes_the_token_of_the_first_with_its_age() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    fetch(&mut first, &mut store, "a", at(0.0));
    assert_eq!(adopt(&mut second, &mut store, at(600.0)), "a");
    let events = events(&mut second);
    let adopted = matches!(&events[..], [Event::Adopted { age, .. }] if age.as_secs() == 600);
    assert!(adopted, "{events:?}");
    assert_eq!(used(&second.poll(at(868.0))), Some("a"));
    assert!(used(&second.poll(at(871.0))).is_none(), "as old as it is");
}

/// The keeper that requested it has spread its refresh: the others would draw again, and the earliest draw would win.
#[test]
fn adopted_token_is_refreshed_from_eighty_percent_on() {
    let mut store = Store::default();
    fetch(&mut keeper(), &mut store, "a", at(0.0));
    for seed in 0..100 {
        let mut keeper = keeper_with_seed(seed);
        adopt(&mut keeper, &mut store, at(1.0));
        assert!(keeper.poll_timeout().unwrap() > at(720.0).monotonic);
    }
}

#[test]
fn refresh_is_made_by_one_keeper_for_both() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    fetch(&mut first, &mut store, "a", at(0.0));
    adopt(&mut second, &mut store, at(1.0));
    fetch(&mut first, &mut store, "b", at(800.0));
    assert_eq!(adopt(&mut second, &mut store, at(801.0)), "b");
}

#[test]
fn keeper_pauses_while_another_requests_and_takes_its_token() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    let mut waiting = start(&mut second, at(0.0));
    for step in 0..5 {
        let action = ask(&mut waiting, &mut store, at(f64::from(step) * 0.3));
        let Action::Pause(pause) = action else {
            panic!("{action:?}")
        };
        let bounds = Duration::from_millis(5)..=Duration::from_millis(250);
        assert!(bounds.contains(&pause), "{pause:?}");
    }
    let body = r#"{"access_token":"a","expires_in":900}"#;
    respond(&mut holder, 200, body, at(2.0));
    finish(&mut first, holder, &mut store, at(2.0))
        .unwrap()
        .unwrap();
    let action = ask(&mut waiting, &mut store, at(2.1));
    assert!(matches!(action, Action::Done), "{action:?}");
    assert_eq!(
        finish(&mut second, waiting, &mut store, at(2.1)),
        Some(Ok("a".to_owned()))
    );
}

// fault: holder-of-the-lease-is-killed
#[test]
fn lease_of_a_killed_holder_is_given_to_the_next() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    let mut killed = start(&mut first, at(0.0));
    sends(&mut killed, &mut store, at(0.0));
    let mut waiting = start(&mut second, at(0.1));
    assert!(matches!(
        ask(&mut waiting, &mut store, at(0.1)),
        Action::Pause(_)
    ));
    sends(&mut waiting, &mut store, at(3.1));
    assert!(
        store.lease.as_ref().unwrap().ends > at(3.1).wall,
        "with a lease of its own"
    );
}

// fault: lease-that-never-ends
#[test]
fn lease_that_outlives_its_end_is_not_waited_for() {
    let mut keeper = keeper();
    let mut acquisition = start(&mut keeper, at(0.0));
    let left = Duration::from_secs(3);
    for (seconds, waits) in [(0.0, true), (3.9, true), (4.1, false)] {
        let now = at(seconds);
        let mut action = acquisition.poll(now, [0; 16]);
        if let Action::Pause(_) = action {
            action = acquisition.poll(now, [0; 16]);
        }
        let Action::Claim(_) = action else {
            panic!("{action:?}")
        };
        let found = Found::Taken {
            number: 5,
            left,
            error_response: None,
        };
        let claimed = Claimed {
            now: now.wall,
            found,
        };
        acquisition.handle(Completion::Claimed(Ok(claimed)), now);
        let action = acquisition.poll(now, [0; 16]);
        assert_eq!(matches!(action, Action::Pause(_)), waits, "{action:?}");
        assert_eq!(matches!(action, Action::Send(..)), !waits, "{action:?}");
    }
}

/// The holder gets no response and ends its lease.
fn fail(keeper: &mut Keeper, mut holder: Acquisition, store: &mut Store, now: Moment) {
    let error = TransportError::new(TransportErrorKind::Connect, "refused");
    holder.handle(Completion::Failed(error), now);
    finish(keeper, holder, store, now);
}

// fault: convoy-of-lease-holders
// fault: fleet-follows-a-stopped-holder
#[test]
fn holders_that_left_nothing_are_followed_four_times() {
    let mut store = Store::default();
    let mut waiting_keeper = keeper();
    let mut first = keeper();
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    let mut waiting = start(&mut waiting_keeper, at(0.0));
    pauses(&mut waiting, &mut store, at(0.0));
    let mut latest = (first, holder);
    for seconds in [0.5, 1.0, 1.5, 2.0] {
        fail(&mut latest.0, latest.1, &mut store, at(seconds));
        let mut next = keeper();
        let mut holder = start(&mut next, at(seconds));
        sends(&mut holder, &mut store, at(seconds));
        latest = (next, holder);
        if seconds < 2.0 {
            pauses(&mut waiting, &mut store, at(seconds + 0.1));
        }
    }
    // The server is down, or no process can use what another gets.
    sends(&mut waiting, &mut store, at(2.1));
    let body = r#"{"access_token":"alone","expires_in":900}"#;
    respond(&mut waiting, 200, body, at(2.2));
    finish(&mut waiting_keeper, waiting, &mut store, at(2.2))
        .unwrap()
        .unwrap();
    assert!(store.entry.is_none(), "without a lease nothing is stored");
}

// fault: fleet-follows-a-stopped-holder
#[test]
fn lease_that_was_ended_with_nothing_goes_to_one_of_those_who_waited() {
    let mut store = Store::default();
    let (mut first, mut second) = two_with_a_token_of_300_s(&mut store);
    let mut third = keeper();
    adopt(&mut third, &mut store, at(1.0));
    // It is stopped, and finds its request timed out before its lease is over.
    let mut stopped = start(&mut first, at(240.0));
    sends(&mut stopped, &mut store, at(240.0));
    let mut next = start(&mut second, at(240.0));
    let mut last = start(&mut third, at(240.0));
    pauses(&mut next, &mut store, at(240.1));
    pauses(&mut last, &mut store, at(240.1));
    let number = store.lease.as_ref().unwrap().number;
    fail(&mut first, stopped, &mut store, at(242.5));
    sends(&mut next, &mut store, at(242.6));
    assert!(store.lease.as_ref().unwrap().number > number);
    pauses(&mut last, &mut store, at(242.7));
    let body = r#"{"access_token":"b","expires_in":300}"#;
    respond(&mut next, 200, body, at(242.8));
    finish(&mut second, next, &mut store, at(242.8));
    let action = ask(&mut last, &mut store, at(242.9));
    assert!(matches!(action, Action::Done), "{action:?}");
}

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
fn lease_of_a_short_lived_token_lasts_twice_as_long_as_the_latest_took_and_a_second_at_least() {
    for (took, lasts) in [(0.3, 1.0), (0.8, 1.6), (2.0, 3.0)] {
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
    let mut killed = start(&mut first, at(3.9));
    sends(&mut killed, &mut store, at(3.9));
    let mut waiting = start(&mut second, at(3.9));
    // It has learned how long a holder takes, and waits beyond the end of its token.
    for seconds in [3.9, 4.4, 4.8] {
        pauses(&mut waiting, &mut store, at(seconds));
    }
    sends(&mut waiting, &mut store, at(4.95));
    let lease = store.lease.as_ref().unwrap();
    assert_eq!(lease.ends - lease.began, Duration::from_secs(1));
    assert_eq!(waiting.time_left(at(4.95)), Duration::from_secs(2));
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

// fault: fleet-follows-a-killed-holder
#[test]
fn next_holder_is_waited_for_if_the_first_was_killed() {
    let mut store = Store::default();
    let (mut first, mut second, mut third) = (keeper(), keeper(), keeper());
    let mut killed = start(&mut first, at(0.0));
    sends(&mut killed, &mut store, at(0.0));
    let mut next = start(&mut second, at(0.1));
    let mut waiting = start(&mut third, at(0.1));
    for acquisition in [&mut next, &mut waiting] {
        let action = ask(acquisition, &mut store, at(0.1));
        assert!(matches!(action, Action::Pause(_)), "{action:?}");
    }
    sends(&mut next, &mut store, at(3.0));
    let action = ask(&mut waiting, &mut store, at(3.1));
    assert!(matches!(action, Action::Pause(_)), "{action:?}");
    let body = r#"{"access_token":"a","expires_in":900}"#;
    respond(&mut next, 200, body, at(3.2));
    finish(&mut second, next, &mut store, at(3.2));
    let action = ask(&mut waiting, &mut store, at(3.3));
    assert!(matches!(action, Action::Done), "{action:?}");
    let outcome = finish(&mut third, waiting, &mut store, at(3.3));
    assert_eq!(outcome, Some(Ok("a".to_owned())));
}

/// Returns two keepers that share a token of 300 s, which has to be refreshed at 240.
fn two_with_a_token_of_300_s(store: &mut Store) -> (Keeper, Keeper) {
    let (mut first, mut second) = (keeper(), keeper());
    let mut acquisition = start(&mut first, at(0.0));
    sends(&mut acquisition, store, at(0.0));
    let body = r#"{"access_token":"a","expires_in":300}"#;
    respond(&mut acquisition, 200, body, at(0.0));
    finish(&mut first, acquisition, store, at(0.0));
    adopt(&mut second, store, at(1.0));
    (first, second)
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

// fault: store-is-gone
#[test]
fn store_that_fails_costs_no_token() {
    let mut keeper = keeper();
    let mut acquisition = start(&mut keeper, at(0.0));
    let Action::Claim(claim) = acquisition.poll(at(0.0), [0; 16]) else {
        panic!("the store is asked first")
    };
    assert_eq!(claim.timeout, Duration::from_millis(100));
    acquisition.handle(Completion::Claimed(Err(StoreError::new("gone"))), at(0.0));
    assert!(matches!(
        acquisition.poll(at(0.0), [0; 16]),
        Action::Send(..)
    ));
    respond(&mut acquisition, 200, r#"{"access_token":"a"}"#, at(0.1));
    assert!(keeper.finish(acquisition, at(0.1)).unwrap().is_ok());
    assert!(keeper.poll_finish().is_none(), "there is no lease to end");
    let events = events(&mut keeper);
    let told = matches!(
        &events[..],
        [Event::StoreFailed { .. }, Event::Fetched { .. }]
    );
    assert!(told, "{events:?}");
}

// fault: store-runs-the-claim-of-a-caller-that-is-gone
#[test]
fn claim_gives_no_lease_after_the_time_that_its_caller_waits() {
    let mut store = Store::default();
    let mut keeper = keeper();
    fetch(&mut keeper, &mut store, "a", at(0.0));
    let mut acquisition = start(&mut keeper, at(800.0));
    let Action::Claim(claim) = acquisition.poll(at(800.0), [0; 16]) else {
        panic!("the store is asked first")
    };
    let late = store.claim(&claim, at(801.0).wall);
    assert!(matches!(late.found, Found::TooLate));
    let first: Claim = {
        let mut cold = self::keeper();
        let mut acquisition = start(&mut cold, at(0.0));
        match acquisition.poll(at(0.0), [0; 16]) {
            Action::Claim(claim) => claim,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        first.until,
        Duration::ZERO,
        "the store's clock is not known yet"
    );
}

// fault: snapshot-of-a-store-comes-back
#[test]
fn entry_of_an_old_snapshot_or_of_the_future_is_of_no_use() {
    let mut store = Store::default();
    let mut first = keeper();
    fetch(&mut first, &mut store, "old", at(0.0));
    let snapshot = store.clone();
    let Step::Use(token) = first.poll(at(2.0)) else {
        panic!("a token is cached")
    };
    first.invalidate(&token, at(2.0));
    fetch(&mut first, &mut store, "new", at(2.0));
    let Step::Use(token) = first.poll(at(4.0)) else {
        panic!("a token is cached")
    };
    first.invalidate(&token, at(10.0));
    store = snapshot.clone();
    fetch(&mut first, &mut store, "newest", at(10.0));

    let mut second = keeper();
    let mut set_back = snapshot;
    let mut acquisition = start(&mut second, at(-100.0));
    sends(&mut acquisition, &mut set_back, at(-100.0));
}

// fault: rejected-token-comes-back-from-the-store
#[test]
fn rejected_token_is_replaced_once_for_the_fleet() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    fetch(&mut first, &mut store, "a", at(0.0));
    adopt(&mut second, &mut store, at(1.0));
    for keeper in [&mut first, &mut second] {
        let Step::Use(token) = keeper.poll(at(5.0)) else {
            panic!("a token is cached")
        };
        keeper.invalidate(&token, at(5.0));
    }
    fetch(&mut first, &mut store, "b", at(5.0));
    assert_eq!(adopt(&mut second, &mut store, at(5.1)), "b");
}

#[test]
fn refresh_takes_no_token_that_is_older_than_its_call() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    fetch(&mut first, &mut store, "a", at(0.0));
    let mut caller = Caller::new().refresh();
    let Step::Send(mut acquisition) = second.poll_for(&mut caller, at(10.0)) else {
        panic!("a refresh asks")
    };
    sends(&mut acquisition, &mut store, at(10.0));

    let mut third = keeper();
    let mut caller = Caller::new().min_remaining(Duration::from_secs(880));
    let Step::Send(mut acquisition) = third.poll_for(&mut caller, at(13.5)) else {
        panic!("nothing is cached")
    };
    sends(&mut acquisition, &mut store, at(13.5));
}

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

#[test]
fn lease_is_given_back_if_the_acquisition_comes_back_undone() {
    let mut store = Store::default();
    let mut first = keeper();
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    let number = store.lease.as_ref().unwrap().number;
    assert!(first.finish(holder, at(0.1)).is_none());
    let finish = first.poll_finish().unwrap();
    assert!(matches!(finish, Finish { share: Share::Nothing, number: n, .. } if n == number));
}

// fault: late-outcome-forgets-the-newest-entry
#[test]
fn rejected_token_stays_rejected_after_a_late_outcome() {
    let mut store = Store::default();
    let mut keeper = keeper();
    let mut late = start(&mut keeper, at(0.0));
    sends(&mut late, &mut store, at(0.0));
    fetch(&mut keeper, &mut store, "a", at(12.0));
    let error = TransportError::new(TransportErrorKind::Timeout, "");
    late.handle(Completion::Failed(error), at(13.0));
    finish(&mut keeper, late, &mut store, at(13.0));
    let Step::Use(token) = keeper.poll(at(14.0)) else {
        panic!("a token is cached")
    };
    keeper.invalidate(&token, at(14.0));
    let mut acquisition = start(&mut keeper, at(14.0));
    sends(&mut acquisition, &mut store, at(14.0));
}

// fault: times-of-a-store-overflow
#[test]
fn times_of_a_store_at_their_ends_cost_no_token() {
    let mut source = keeper();
    let mut store = Store::default();
    fetch(&mut source, &mut store, "a", at(0.0));
    let entry = store.entry.unwrap().response.unwrap();
    let taken = |left, error_response| Found::Taken {
        number: 5,
        left,
        error_response,
    };
    let founds = [
        Found::Entry {
            number: u64::MAX,
            response: entry,
        },
        Found::Lease { number: u64::MAX },
        taken(Duration::MAX, None),
        taken(Duration::MAX, Some(None)),
        Found::TooLate,
    ];
    for now in [Duration::ZERO, Duration::MAX] {
        for found in &founds {
            let (mut keeper, mut clock) = (keeper(), at(0.0));
            let mut acquisition = start(&mut keeper, clock);
            loop {
                match acquisition.poll(clock, [0; 16]) {
                    Action::Claim(_) => {
                        let found = found.clone();
                        let claimed = Claimed { now, found };
                        acquisition.handle(Completion::Claimed(Ok(claimed)), clock);
                    }
                    Action::Pause(pause) => clock = clock.after(pause),
                    Action::Send(..) => break,
                    other => panic!("{now:?} {found:?}: {other:?}"),
                }
            }
            respond(&mut acquisition, 200, r#"{"access_token":"b"}"#, clock);
            assert!(keeper.finish(acquisition, clock).unwrap().is_ok());
        }
    }
}

/// Gets a permanent error, which the store holds as a backoff.
fn refuse(keeper: &mut Keeper, store: &mut Store, now: Moment) {
    let mut acquisition = start(keeper, now);
    sends(&mut acquisition, store, now);
    respond(&mut acquisition, 400, r#"{"error":"invalid_scope"}"#, now);
    let outcome = finish(keeper, acquisition, store, now);
    outcome.unwrap().unwrap_err();
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

// fault: restored-token-comes-back-from-the-store
#[test]
fn rejected_token_that_was_restored_comes_not_back_from_the_store() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    fetch(&mut first, &mut store, "a", at(0.0));
    let stored = first.export(at(1.0)).unwrap();
    assert!(second.restore(&stored, at(1.0)));
    let Step::Use(token) = second.poll(at(5.0)) else {
        panic!("a token is cached")
    };
    second.invalidate(&token, at(5.0));
    let mut acquisition = start(&mut second, at(5.0));
    sends(&mut acquisition, &mut store, at(5.0));
}

/// What a store says that holds an error response, and whose clock may stand.
fn held(
    response: &Option<SharedResponse>,
    number: u64,
    left: u64,
) -> Found<Option<SharedResponse>> {
    Found::Taken {
        number,
        left: Duration::from_secs(left),
        error_response: Some(response.clone()),
    }
}

/// Runs the acquisition against a store that always finds this, until it wants to send or is done.
fn ask_one_that_says(
    acquisition: &mut Acquisition,
    found: &Found<Option<SharedResponse>>,
    now: &mut Moment,
) -> Action {
    loop {
        match acquisition.poll(*now, [9; 16]) {
            Action::Claim(_) => {
                let claimed = Claimed {
                    now: START.wall,
                    found: found.clone(),
                };
                acquisition.handle(Completion::Claimed(Ok(claimed)), *now);
            }
            Action::Pause(pause) => *now = now.after(pause),
            action => return action,
        }
    }
}

fn shared_error(body: &'static str) -> Option<SharedResponse> {
    let config = keeper().config().clone();
    let response = Response::builder().status(400).body(body).unwrap();
    let outcome = edge_oauth_no_io::token_response(&config, &response);
    SharedResponse::new(&config, START.wall, &outcome)
}

/// A keeper that was there before the error response.
fn old_keeper() -> Keeper {
    let mut keeper = keeper();
    let acquisition = start(&mut keeper, at(-100.0));
    assert!(keeper.finish(acquisition, at(-100.0)).is_none());
    let _ = events(&mut keeper);
    keeper
}

fn backoffs(events: &[Event]) -> Vec<Duration> {
    let backoff = |event: &Event| match event {
        Event::Failed { backoff, .. } => Some(*backoff),
        _ => None,
    };
    events.iter().filter_map(backoff).collect()
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
    for (body, longest) in [
        (r#"{"error":"invalid_scope"}"#, 600),
        (r#"{"error":"temporarily_unavailable"}"#, 30),
    ] {
        let error = shared_error(body);
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

// fault: convoy-of-lease-holders
#[test]
fn holder_after_a_shared_backoff_is_waited_for() {
    let mut store = Store::default();
    let (mut first, mut second, mut third) = (keeper(), old_keeper(), old_keeper());
    refuse(&mut first, &mut store, at(0.0));
    let ends = store.lease.as_ref().unwrap().ends - at(0.0).wall;
    let shortly_before = at(0.0).after(ends - Duration::from_millis(500));
    let at_the_end = at(0.0).after(ends);
    let mut waiting = start(&mut second, at(0.1));
    assert!(matches!(
        ask(&mut waiting, &mut store, at(0.1)),
        Action::Done
    ));
    finish(&mut second, waiting, &mut store, at(0.1))
        .unwrap()
        .unwrap_err();

    let mut again = match second.poll_for(&mut Caller::new(), shortly_before) {
        Step::Send(acquisition) => acquisition,
        // Its backoff is the rest of the lease.
        Step::Fail(_) => start(&mut second, at_the_end),
        other => panic!("{other:?}"),
    };
    let mut holder = start(&mut third, at_the_end);
    sends(&mut holder, &mut store, at_the_end);
    let action = ask(&mut again, &mut store, at_the_end);
    assert!(matches!(action, Action::Pause(_)), "{action:?}");
}

// fault: lease-that-never-ends
#[test]
fn lease_that_claims_to_last_for_ever_is_waited_for_as_long_as_a_lease_lasts() {
    let mut keeper = keeper();
    let mut now = at(0.0);
    let mut acquisition = start(&mut keeper, now);
    let found = Found::Taken {
        number: 5,
        left: Duration::MAX,
        error_response: None,
    };
    let action = ask_one_that_says(&mut acquisition, &found, &mut now);
    assert!(matches!(action, Action::Send(..)), "{action:?}");
    assert!(now.monotonic <= at(4.5).monotonic, "{now:?}");
}

// fault: restored-token-comes-back-from-the-store
#[test]
fn token_that_was_rejected_before_the_last_comes_not_back_from_the_store() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    fetch(&mut first, &mut store, "a", at(0.0));
    let stored = first.export(at(1.0)).unwrap();
    let snapshot = store.clone();
    // The tokens come to the second keeper another way, so it knows no number.
    for (number, name) in ["b", "c", "d"].into_iter().enumerate() {
        let now = at(2.0 + 20.0 * number as f64);
        let restored = match number {
            0 => stored.clone(),
            _ => first.export(now).unwrap(),
        };
        assert!(second.restore(&restored, now));
        let Step::Use(token) = second.poll(now) else {
            panic!("a token is cached")
        };
        // Late enough for each to be dropped.
        second.invalidate(&token, now.after(Duration::from_secs(10)));
        let Step::Use(token) = first.poll(now) else {
            panic!("a token is cached")
        };
        first.invalidate(&token, now.after(Duration::from_secs(10)));
        fetch(
            &mut first,
            &mut store,
            name,
            now.after(Duration::from_secs(11)),
        );
    }
    let mut old = snapshot;
    let mut acquisition = start(&mut second, at(80.0));
    sends(&mut acquisition, &mut old, at(80.0));
}

// fault: process-younger-than-its-token
#[test]
fn young_keeper_refreshes_an_old_token_at_once() {
    let mut store = Store::default();
    let mut first = keeper();
    fetch(&mut first, &mut store, "a", START);
    let booted = Moment {
        monotonic: Duration::ZERO,
        wall: START.wall + Duration::from_secs(850),
    };
    // Its clock began half a second ago.
    let now = booted.after(Duration::from_millis(500));
    let mut young = keeper();
    assert_eq!(adopt(&mut young, &mut store, now), "a");
    let step = young.poll(now.after(Duration::from_secs(1)));
    assert!(matches!(step, Step::Refresh { .. }), "{step:?}");
    drop(step);
    // The least time between two tokens counts from this one's request, not from its adoption.
    let mut eager = keeper();
    let mut acquisition = start(&mut eager, booted);
    let later = booted.after(Duration::from_secs(2));
    let action = ask(&mut acquisition, &mut store, later);
    assert!(matches!(action, Action::Done), "{action:?}");
    finish(&mut eager, acquisition, &mut store, later)
        .unwrap()
        .unwrap();
    let step = eager.poll(later);
    assert!(matches!(step, Step::Refresh { .. }), "{step:?}");
}

#[track_caller]
fn pauses(acquisition: &mut Acquisition, store: &mut Store, now: Moment) {
    let action = ask(acquisition, store, now);
    assert!(matches!(action, Action::Pause(_)), "{action:?}");
}

// fault: refresh-gets-a-response-asked-for-before-it
#[test]
fn refresh_that_waited_takes_no_token_that_was_asked_for_before_it() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    let mut caller = Caller::new().refresh();
    let Step::Send(mut refresh) = second.poll_for(&mut caller, at(0.5)) else {
        panic!("a refresh asks")
    };
    pauses(&mut refresh, &mut store, at(0.5));
    respond(&mut holder, 200, r#"{"access_token":"a"}"#, at(1.0));
    finish(&mut first, holder, &mut store, at(1.0))
        .unwrap()
        .unwrap();
    sends(&mut refresh, &mut store, at(1.1));
    let body = r#"{"access_token":"b","expires_in":900}"#;
    respond(&mut refresh, 200, body, at(1.2));
    let token = finish(&mut second, refresh, &mut store, at(1.2));
    assert_eq!(token, Some(Ok("b".to_owned())));

    // One that was asked for after the call began will do.
    let mut third = keeper();
    let mut caller = Caller::new().refresh();
    let Step::Send(mut refresh) = third.poll_for(&mut caller, at(10.0)) else {
        panic!("a refresh asks")
    };
    let Step::Send(mut holder) = first.poll_for(&mut Caller::new().refresh(), at(10.1)) else {
        panic!("a refresh asks")
    };
    sends(&mut holder, &mut store, at(10.1));
    pauses(&mut refresh, &mut store, at(10.2));
    respond(&mut holder, 200, r#"{"access_token":"c"}"#, at(10.3));
    finish(&mut first, holder, &mut store, at(10.3))
        .unwrap()
        .unwrap();
    let action = ask(&mut refresh, &mut store, at(10.4));
    assert!(matches!(action, Action::Done), "{action:?}");
}

fn times() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        Just(Duration::MAX),
        (0_u64..4000).prop_map(Duration::from_millis),
        (0_u64..4000).prop_map(|seconds| Duration::from_secs(1_800_000_000 + seconds)),
        any::<u64>().prop_map(Duration::from_secs),
    ]
}

fn found() -> impl Strategy<Value = Found<Option<SharedResponse>>> {
    let numbers = || prop_oneof![0_u64..5, any::<u64>()];
    let response = || {
        let token = (times(), any::<bool>()).prop_map(|(born, opens)| {
            let body = r#"{"access_token":"abc","expires_in":900}"#;
            let response = Response::new(SecretBytes::new(body.as_bytes().to_vec()));
            let config = keeper().config().clone();
            let outcome = edge_oauth_no_io::token_response(&config, &response);
            SharedResponse::new(&config, born, &outcome).filter(|_| opens)
        });
        token.boxed()
    };
    prop_oneof![
        (numbers(), response()).prop_map(|(number, response)| Found::Entry { number, response }),
        numbers().prop_map(|number| Found::Lease { number }),
        (numbers(), times(), proptest::option::of(response())).prop_map(
            |(number, left, error_response)| Found::Taken {
                number,
                left,
                error_response
            }
        ),
        Just(Found::TooLate),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 250,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// A store is never trusted: whatever it says, there is a request or an outcome in the time of the acquisition, and
    /// nothing panics.
    // fault: store-talks-nonsense
    #[test]
    fn store_that_says_anything_costs_at_most_the_time(
        results in proptest::collection::vec((times(), found(), 0_u64..300), 1..200),
    ) {
        let mut keeper = keeper();
        let mut now = at(0.0);
        let mut acquisition = start(&mut keeper, now);
        let ends = now.after(acquisition.time_left(now));
        let mut results = results.into_iter().cycle();
        loop {
            match acquisition.poll(now, [3; 16]) {
                Action::Claim(_) => {
                    let (clock, found, passed) = results.next().unwrap();
                    now = now.after(Duration::from_millis(passed));
                    let claimed = Claimed { now: clock, found };
                    acquisition.handle(Completion::Claimed(Ok(claimed)), now);
                }
                Action::Pause(pause) => {
                    prop_assert!(!pause.is_zero() && pause <= Duration::from_millis(250));
                    now = now.after(pause);
                }
                Action::Send(_, limits) => {
                    prop_assert!(limits.timeout >= Duration::from_millis(500), "{limits:?}");
                    respond(&mut acquisition, 200, r#"{"access_token":"a"}"#, now);
                }
                Action::Done => break,
                other => panic!("{other:?}"),
            }
            prop_assert!(now.monotonic < ends.monotonic);
        }
        prop_assert!(keeper.finish(acquisition, now).is_some());
        let _ = keeper.poll_finish();
    }
}

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
        &mut Caller::new().max_wait(at(1802.0), Duration::from_secs(30)),
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

// fault: token-too-short-for-a-cache-is-shared
#[test]
fn token_that_no_keeper_caches_is_not_shared() {
    let mut store = Store::default();
    let mut first = keeper();
    let mut acquisition = start(&mut first, at(0.0));
    sends(&mut acquisition, &mut store, at(0.0));
    let body = r#"{"access_token":"short","expires_in":1}"#;
    respond(&mut acquisition, 200, body, at(0.1));
    let outcome = finish(&mut first, acquisition, &mut store, at(0.1));
    assert_eq!(outcome, Some(Ok("short".to_owned())));
    assert!(store.entry.is_none());
    let next = &mut start(&mut keeper(), at(0.2));
    sends(next, &mut store, at(0.2));
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
