//! The rules of a store, step by step.

use std::time::Duration;

use edge_oauth_no_io::{Claim, Found, ReferenceStore, Share};

use crate::setup::{LEASE, SECOND, START, claim, error, finish, lease, taken, token};

#[test]
fn first_claim_gets_the_lease_and_the_second_waits() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    assert_eq!(u128::from(number), START.as_micros());
    let second = store.claim(&claim(), START + SECOND);
    assert_eq!(second.now, START + SECOND);
    assert_eq!(second.found, taken(number, 2 * SECOND, None));
}

#[test]
fn token_is_returned_until_it_expires() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    assert!(store.finish(finish(number, token("a")), START));
    let entry = Found::Entry {
        number,
        response: "a",
    };
    let last = START + Duration::from_secs(60) - Duration::from_micros(1);
    assert_eq!(store.claim(&claim(), last).found, entry);
    assert!(lease(&mut store, START + Duration::from_secs(60)) > number);
}

#[test]
fn known_token_is_not_returned_and_the_lease_is_given() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    store.finish(finish(number, token("a")), START);
    let known = Claim {
        known: number,
        ..claim()
    };
    assert_eq!(
        store.claim(&known, START).found,
        Found::Lease { number: number + 1 }
    );
}

#[test]
fn lease_that_ran_out_is_given_again_with_a_higher_number() {
    let mut store = ReferenceStore::default();
    let first = lease(&mut store, START);
    let last = START + LEASE - Duration::from_micros(1);
    assert!(matches!(
        store.claim(&claim(), last).found,
        Found::Taken { .. }
    ));
    assert!(lease(&mut store, START + LEASE) > first);
}

#[test]
fn token_of_a_late_holder_is_rejected_if_a_newer_one_is_there() {
    let mut store = ReferenceStore::default();
    let late = lease(&mut store, START);
    let next = lease(&mut store, START + LEASE);
    assert!(store.finish(finish(next, token("next")), START + LEASE));
    assert!(!store.finish(finish(late, token("late")), START + LEASE));
    assert_eq!(store.entry.unwrap().response, Some("next"));
}

// fault: store-forgets-the-number-of-an-expired-entry
#[test]
fn token_of_a_late_holder_is_rejected_after_the_newer_one_expired() {
    let mut store = ReferenceStore::default();
    let late = lease(&mut store, START);
    let next = lease(&mut store, START + LEASE);
    store.finish(finish(next, token("next")), START + LEASE);
    let after = START + Duration::from_secs(3600);
    assert!(!store.finish(finish(late, token("late")), after));
    assert!(matches!(
        store.claim(&claim(), after).found,
        Found::Lease { .. }
    ));
}

#[test]
fn token_of_a_late_holder_is_accepted_while_its_successor_asks() {
    let mut store = ReferenceStore::default();
    let late = lease(&mut store, START);
    let next = lease(&mut store, START + LEASE);
    let now = START + LEASE + SECOND;
    assert!(store.finish(finish(late, token("late")), now));
    assert_eq!(
        store.lease.as_ref().unwrap().ends,
        START + 2 * LEASE,
        "the successor keeps its lease"
    );
    assert!(store.finish(finish(next, token("next")), now));
}

#[test]
fn finish_without_a_response_gives_the_lease_back() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    assert!(!store.finish(finish(number, Share::Nothing), START));
    assert_eq!(lease(&mut store, START), number + 1);
}

#[test]
fn error_response_counts_for_those_who_were_there() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    assert!(!store.finish(finish(number, error("no")), START));
    let now = START + 2 * SECOND;
    let was_there = Claim {
        max_error_age: 3 * SECOND,
        ..claim()
    };
    let came_later = Claim {
        max_error_age: 2 * SECOND,
        ..claim()
    };
    assert_eq!(
        store.claim(&was_there, now).found,
        taken(number, 8 * SECOND, Some("no"))
    );
    assert_eq!(
        store.claim(&came_later, now).found,
        Found::Lease {
            number: u64::try_from(now.as_micros()).unwrap()
        }
    );
}

#[test]
fn error_response_of_a_late_holder_is_ignored() {
    let mut store = ReferenceStore::default();
    let late = lease(&mut store, START);
    let next = lease(&mut store, START + LEASE);
    store.finish(finish(late, error("no")), START + LEASE);
    assert_eq!(
        store.claim(&claim(), START + LEASE).found,
        taken(next, LEASE, None)
    );
}

// fault: store-runs-the-claim-of-a-caller-that-is-gone
#[test]
fn claim_after_its_until_gets_no_lease() {
    let mut store = ReferenceStore::<&str>::default();
    let late = Claim {
        until: START,
        ..claim()
    };
    let after = START + Duration::from_micros(1);
    assert_eq!(store.claim(&late, after).found, Found::TooLate);
    assert_eq!(store.lease, None);
    assert!(matches!(
        store.claim(&late, START).found,
        Found::Lease { .. }
    ));
}

#[test]
fn lease_from_the_future_is_ignored() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    assert_eq!(lease(&mut store, START - SECOND), number + 1);
}

#[test]
fn finish_in_an_emptied_store_is_accepted() {
    let mut store = ReferenceStore::default();
    let number = lease(&mut store, START);
    let mut store = ReferenceStore::default();
    assert!(store.finish(finish(number, token("a")), START));
    assert!(lease(&mut store, START + Duration::from_secs(60)) > number);
}
