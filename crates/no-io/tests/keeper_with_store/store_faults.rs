//! Stores that fail, lie or have no sense of time.

use std::time::Duration;

use edge_oauth_no_io::{
    Action, Claim, Claimed, Completion, Event, Found, SecretBytes, SharedResponse, StoreError,
};
use http::Response;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::setup::{Store, at, events, fetch, keeper, respond, start};

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
