//! The rules of a store, a row each.

use std::thread;
use std::time::Duration;

use edge_oauth_no_io::{AccessToken, Claim, Finish, Found, Share, SharedResponse};

use crate::testing::store_suite::handle::{
    BRIEF, Handle, LEASE, LONG, TIMEOUT, brief, claim, error, token,
};

pub(super) type RowOfTwo = fn(&Handle<'_>, &Handle<'_>);
pub(super) type RowOfOne = fn(&Handle<'_>);

/// Each row gets two handles.
pub(super) const ROWS: &[(&str, RowOfTwo)] = &[
    ("second_claim_waits_for_the_first", |one, other| {
        let number = one.lease();
        let (taken, left, error) = other.taken(&claim());
        assert_eq!((taken, error), (number, None), "{}", other.row);
        assert!(left <= LEASE && !left.is_zero(), "{}: {left:?}", other.row);
    }),
    ("token_reaches_the_other_process_unchanged", |one, other| {
        let number = one.lease();
        let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        assert!(one.finish(number, token(&bytes, LONG)), "{}", one.row);
        assert_eq!(other.entry(&claim()), (number, bytes), "{}", other.row);
    }),
    ("known_token_is_not_returned_again", |one, other| {
        let number = one.lease();
        one.finish(number, token(b"a", LONG));
        let known = Claim {
            known: number,
            ..claim()
        };
        assert!(other.lease_for(&known) > number, "{}", other.row);
    }),
    (
        "finish_without_a_response_gives_the_lease_back",
        |one, other| {
            let number = one.lease();
            assert!(!one.finish(number, Share::Nothing), "{}", one.row);
            assert!(other.lease() > number, "{}", other.row);
        },
    ),
    ("lease_that_ran_out_is_given_again", |one, other| {
        let number = one.lease_for(&brief());
        let next = other.until(BRIEF, |found| match found {
            Found::Lease { number } => Some(*number),
            _ => None,
        });
        // From after its end, so that those who wait know that its holder died.
        let lease = brief().lease.as_micros();
        assert!(
            u128::from(next.saturating_sub(number)) >= lease,
            "{}",
            other.row
        );
    }),
    (
        "token_of_a_late_holder_is_rejected_if_a_newer_one_is_there",
        |one, other| {
            let (late, next) = two_leases(one, other);
            assert!(other.finish(next, token(b"next", LONG)), "{}", other.row);
            assert!(!one.finish(late, token(b"late", LONG)), "{}", one.row);
            assert_eq!(one.entry(&claim()), (next, b"next".to_vec()), "{}", one.row);
        },
    ),
    (
        "token_of_a_late_holder_is_accepted_while_its_successor_asks",
        |one, other| {
            let (late, next) = two_leases(one, other);
            assert!(one.finish(late, token(b"late", LONG)), "{}", one.row);
            let known = Claim {
                known: late,
                ..claim()
            };
            assert_eq!(one.taken(&known).0, next, "{}", one.row);
            assert!(other.finish(next, token(b"next", LONG)), "{}", other.row);
            assert_eq!(one.entry(&known), (next, b"next".to_vec()), "{}", one.row);
        },
    ),
    (
        "expired_token_is_not_returned_and_keeps_its_number",
        |one, other| {
            let (late, next) = two_leases(one, other);
            assert!(other.finish(next, token(b"next", BRIEF)), "{}", other.row);
            let known = Claim {
                until: Duration::ZERO,
                ..claim()
            };
            other.until_for(&known, BRIEF, |found| {
                (*found == Found::TooLate).then_some(())
            });
            assert!(!one.finish(late, token(b"late", LONG)), "{}", one.row);
        },
    ),
    (
        "error_response_counts_for_those_who_were_there",
        |one, other| {
            let number = one.lease();
            one.finish(number, error(b"no"));
            let was_there = Claim {
                max_error_age: LONG,
                ..claim()
            };
            let (taken, left, found) = other.taken(&was_there);
            assert_eq!(
                (taken, found),
                (number, Some(b"no".to_vec())),
                "{}",
                other.row
            );
            assert!(left <= LONG, "{}: {left:?}", other.row);
            assert!(other.lease_for(&claim()) > number, "{}", other.row);
        },
    ),
    (
        "error_response_of_a_late_holder_is_ignored",
        |one, other| {
            let (late, next) = two_leases(one, other);
            one.finish(late, error(b"no"));
            let was_there = Claim {
                max_error_age: LONG,
                ..claim()
            };
            let (taken, _, found) = one.taken(&was_there);
            assert_eq!((taken, found), (next, None), "{}", one.row);
        },
    ),
    (
        "one_of_many_concurrent_claims_gets_the_lease",
        |one, other| {
            let claims = |handle: &Handle<'_>| {
                let found = handle.claim(&claim()).found;
                usize::from(matches!(found, Found::Lease { .. }))
            };
            let leases: usize = thread::scope(|scope| {
                let handles = [one, other, one, other, one, other, one, other];
                let started = handles.map(|handle| scope.spawn(move || claims(handle)));
                started
                    .map(|thread| thread.join().expect("a claim does not panic"))
                    .iter()
                    .sum()
            });
            assert_eq!(leases, 1, "{}", one.row);
        },
    ),
];

/// Each row gets one handle.
pub(super) const ROWS_OF_ONE: &[(&str, RowOfOne)] = &[
    ("claim_after_its_until_gets_no_lease", |one| {
        let look = Claim {
            until: Duration::ZERO,
            ..claim()
        };
        let claimed = one.claim(&look);
        assert_eq!(claimed.found, Found::TooLate, "{}", one.row);
        let past = Claim {
            until: claimed.now - Duration::from_millis(1),
            ..claim()
        };
        assert_eq!(one.claim(&past).found, Found::TooLate, "{}", one.row);
        one.lease_for(&Claim {
            until: claimed.now + LONG,
            ..claim()
        });
    }),
    ("other_configuration_is_another_place", |one| {
        let number = one.lease();
        one.finish(number, token(b"a", LONG));
        Handle::new(&format!("{} again", one.run), one.row, one.store).lease();
    }),
    ("numbers_and_the_clock_only_grow", |one| {
        let (mut number, mut clock) = (0, Duration::ZERO);
        for _ in 0..20 {
            let claimed = one.claim(&claim());
            let Found::Lease { number: next } = claimed.found else {
                panic!("{}: no lease, but {:?}", one.row, claimed.found);
            };
            assert!(next > number && next < 1 << 53, "{}: {next}", one.row);
            assert!(claimed.now >= clock, "{}: {:?}", one.row, claimed.now);
            (number, clock) = (next, claimed.now);
            one.finish(number, Share::Nothing);
        }
    }),
    ("sealed_response_is_opened_under_its_number", |one| {
        let number = one.lease();
        let access_token = AccessToken::new("the-token", Some(LONG), None);
        let outcome = Ok(access_token.expect("the text fits a header"));
        let response = SharedResponse::new(&one.config, LONG, &outcome).expect("a token is shared");
        let share = Share::Token {
            response,
            keep: LONG,
        };
        let sealed = one.key.seal(Finish {
            number,
            share,
            timeout: TIMEOUT,
        });
        let sealed = sealed.unwrap_or_else(|error| panic!("{}: {error}", one.row));
        one.finish(number, sealed.share);
        let found = one.key.open(one.claim(&claim())).found;
        let opens = matches!(&found, Found::Entry { response: Some(response), .. } if response.born() == LONG);
        assert!(opens, "{}: {found:?}", one.row);
    }),
];

/// The first lease has run out when the second is given.
fn two_leases(one: &Handle<'_>, other: &Handle<'_>) -> (u64, u64) {
    let late = one.lease_for(&brief());
    let next = other.until(BRIEF, |found| match found {
        Found::Lease { number } => Some(*number),
        _ => None,
    });
    (late, next)
}
