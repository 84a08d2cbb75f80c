//! The invariants of a shared store, under random calls, clocks that jump and callers that are late.

use std::time::Duration;

use edge_oauth_no_io::{Claim, Finish, Found, ReferenceStore, Share, SharedResponse};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const START: i64 = 1_800_000_000_000_000;

#[derive(Clone, Debug)]
enum Call {
    /// Moves the clock, in microseconds; backwards too.
    Clock(i64),
    /// Claims. `knows` tells whether the caller knows the latest entry.
    Claim {
        knows: bool,
        lease: u64,
        max_error_age: u64,
        until: i64,
    },
    /// Finishes the lease that was given `back` leases ago.
    Finish { back: usize, what: u8, time: u64 },
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        3 => (0..5_000_000_i64).prop_map(Call::Clock),
        1 => (-5_000_000..0_i64).prop_map(Call::Clock),
        5 => (any::<bool>(), 1..4_000_000_u64, 0..4_000_000_u64, -2_000_000..5_000_000_i64).prop_map(
            |(knows, lease, max_error_age, until)| Call::Claim { knows, lease, max_error_age, until }
        ),
        5 => (0..4_usize, 0..3_u8, 0..8_000_000_u64)
            .prop_map(|(back, what, time)| Call::Finish { back, what, time }),
    ]
}

fn at(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// The past, as far as the invariants depend on it.
#[derive(Default)]
struct Past {
    leases: Vec<u64>,
    /// The highest number of a token that was accepted.
    accepted: u64,
    /// The latest lease, if it is not finished: from when to when.
    runs: Option<(Duration, Duration)>,
    /// The latest error response, if no later lease was given.
    error: Option<(Duration, Duration)>,
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn invariants_hold_under_random_calls(calls in prop::collection::vec(call(), 1..60)) {
        let mut store = ReferenceStore::<u64>::default();
        let mut past = Past::default();
        let mut clock = START;
        for call in calls {
            let now = at(clock);
            match call {
                Call::Clock(by) => clock += by,
                Call::Claim { knows, lease, max_error_age, until } => {
                    let claim = Claim {
                        known: if knows { past.accepted } else { 0 },
                        lease: Duration::from_micros(lease),
                        max_error_age: Duration::from_micros(max_error_age),
                        until: at(clock + until),
                        timeout: Duration::from_secs(1),
                    };
                    let before = store.clone();
                    let looked = store.look(&claim, now);
                    let claimed = store.claim(&claim, now);
                    prop_assert_eq!(claimed.now, now);
                    match claimed.found {
                        Found::Entry { number, response } => {
                            prop_assert!(!knows || number != claim.known);
                            prop_assert_eq!((number, response), (past.accepted, past.accepted));
                        }
                        Found::Lease { number } => {
                            prop_assert!(now <= claim.until, "a ghost lease");
                            prop_assert!(past.leases.last().is_none_or(|last| number > *last));
                            prop_assert!(number > past.accepted);
                            if let Some((from, to)) = past.runs {
                                prop_assert!(now < from || to <= now, "two leases at one time");
                            }
                            if let Some((from, to)) = past.error {
                                let over = now < from || to <= now;
                                prop_assert!(over || now - from >= claim.max_error_age);
                            }
                            past.leases.push(number);
                            past.runs = Some((now, now + claim.lease));
                            past.error = None;
                        }
                        Found::Taken { number, left, error_response } => {
                            prop_assert_eq!(Some(&number), past.leases.last());
                            let (from, to) = past.runs.or(past.error).expect("a lease was given");
                            prop_assert!(from <= now && now < to, "a lapsed lease blocks");
                            prop_assert_eq!(left, to - now);
                            prop_assert_eq!(error_response.is_some(), past.runs.is_none());
                            if error_response.is_some() {
                                prop_assert!(now - from < claim.max_error_age, "it came later");
                            }
                        }
                        Found::TooLate => prop_assert!(now > claim.until),
                    }
                    if let Some(found) = looked {
                        prop_assert_eq!(found, claimed.found);
                        prop_assert_eq!(&store, &before, "a claim without a lease changes nothing");
                    }
                }
                Call::Finish { back, what, time } => {
                    let Some(index) = past.leases.len().checked_sub(1 + back) else { continue };
                    let number = past.leases[index];
                    let time = Duration::from_micros(time);
                    let share = match what {
                        0 => Share::Nothing,
                        1 => Share::ErrorResponse { response: number, hold: time },
                        _ => Share::Token { response: number, keep: time },
                    };
                    let finish = Finish { number, share, timeout: Duration::from_secs(1) };
                    let accepted = store.finish(finish, now);
                    prop_assert_eq!(accepted, what > 1 && number > past.accepted, "a stale save");
                    if accepted {
                        past.accepted = number;
                    }
                    if back == 0 {
                        past.runs = None;
                        past.error = (what == 1).then_some((now, now + time));
                    }
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Some(response) = SharedResponse::from_bytes(&bytes) {
            let written = response.to_bytes();
            prop_assert_eq!(written.as_ref(), &bytes[..]);
            let _ = response.response(Duration::MAX);
            let _ = response.response(Duration::ZERO);
            let _ = response.age(Duration::ZERO);
        }
    }
}
