//! Tokens that an API rejects.

use std::time::Duration;

use edge_oauth_no_io::{Action, Completion, Moment, Step, TransportError, TransportErrorKind};

use crate::setup::{Store, adopt, at, fetch, finish, keeper, sends, start};

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

// fault: restored-token-is-rejected-during-its-refresh
#[test]
fn token_that_is_rejected_during_its_refresh_comes_not_back_from_the_store() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    fetch(&mut first, &mut store, "a", at(0.0));
    let stored = first.export(at(1.0)).unwrap();
    // By the wall clock of the second process the token is older, and a refresh is due. The keeper does not know the
    // token's number in the store.
    let ahead = |seconds| {
        let now = at(seconds);
        let wall = now.wall + Duration::from_secs(100);
        Moment { wall, ..now }
    };
    assert!(second.restore(&stored, ahead(740.0)));
    let Step::Refresh {
        token,
        mut acquisition,
    } = second.poll(ahead(740.0))
    else {
        panic!("a refresh is due")
    };
    let Action::Claim(claim) = acquisition.poll(ahead(740.0), [9; 16]) else {
        panic!("the store is asked")
    };
    let claimed = store.claim(&claim, at(740.0).wall);
    let claimed = Completion::Claimed(Ok(claimed.map(|_, response| response)));
    acquisition.handle(claimed, ahead(740.0));
    let action = acquisition.poll(ahead(740.0), [9; 16]);
    assert!(matches!(action, Action::Done), "{action:?}");
    second.invalidate(&token, ahead(740.1));
    let outcome = finish(&mut second, acquisition, &mut store, ahead(740.2));
    assert_eq!(outcome, None, "the callers poll again");
    let mut acquisition = start(&mut second, ahead(740.2));
    sends(&mut acquisition, &mut store, ahead(740.2));
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
