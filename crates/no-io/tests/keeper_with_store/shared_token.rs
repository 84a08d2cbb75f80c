//! Tokens that one keeper requests and others take.

use std::time::Duration;

use edge_oauth_no_io::{Action, Caller, Event, Moment, Step};

use crate::setup::{
    START, Store, adopt, ask, at, events, fetch, finish, keeper, keeper_with_seed, pauses, respond,
    sends, start, used,
};

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

// fault: refresh-gets-a-response-asked-for-before-it
#[test]
fn refresh_that_waited_takes_no_token_requested_before_it() {
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

// fault: adopted-token-that-misses-a-wish
#[test]
fn caller_that_joined_an_acquisition_takes_no_adopted_token_that_misses_its_wish() {
    let mut with_a = Store::default();
    fetch(&mut keeper(), &mut with_a, "a", at(0.0));
    let long = Duration::from_secs(880);
    for mut caller in [Caller::new().refresh(), Caller::new().min_remaining(long)] {
        let (mut store, mut keeper) = (with_a.clone(), keeper());
        let mut acquisition = start(&mut keeper, at(60.0));
        let step = keeper.poll_for(&mut caller, at(60.0));
        assert!(matches!(step, Step::Wait { .. }), "{step:?}");
        let action = ask(&mut acquisition, &mut store, at(60.1));
        assert!(matches!(action, Action::Done), "{action:?}");
        let token = finish(&mut keeper, acquisition, &mut store, at(60.1));
        assert_eq!(token, Some(Ok("a".to_owned())), "for plain callers");
        let step = keeper.poll_for(&mut caller, at(60.1));
        let Step::Send(mut acquisition) = step else {
            panic!("{step:?}")
        };
        sends(&mut acquisition, &mut store, at(60.1));
    }
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
