//! The promises of `Keeper` for random orders of calls and random clocks.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod keeper_model;

use keeper_model::call::Call;
use keeper_model::model::Model;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn call() -> impl Strategy<Value = Call> {
    let seconds = || {
        prop_oneof![
            Just(0),
            Just(1),
            2..100_u64,
            100..100_000_u64,
            any::<u32>().prop_map(u64::from),
            Just(u64::MAX)
        ]
    };
    let status = prop::sample::select(vec![400_u64, 401, 403, 404, 429, 500, 503]);
    prop_oneof![
        16 => Just(Call::Poll),
        6 => (0..2000_u64).prop_map(Call::Pass),
        6 => (0..400_000_u64).prop_map(Call::Pass),
        1 => seconds().prop_map(Call::PassLong),
        2 => seconds().prop_map(Call::Sleep),
        1 => seconds().prop_map(Call::SetBack),
        1 => (0..400_000_u64).prop_map(Call::RunBack),
        2 => Just(Call::PassToTimeout),
        8 => seconds().prop_map(Call::Token),
        1 => Just(Call::TokenWithoutLifetime),
        2 => any::<u64>().prop_map(Call::Fail),
        2 => (status, prop::option::of(seconds())).prop_map(|(status, wait)| Call::ErrorResponse(status, wait)),
        1 => Just(Call::Cancel),
        1 => Just(Call::Lapse),
        1 => seconds().prop_map(Call::LateToken),
        1 => Just(Call::LateFail),
        1 => Just(Call::LateCancel),
        2 => (0..3_u64).prop_map(Call::Invalidate),
        1 => (0..4_u64).prop_map(Call::Replace),
        1 => (seconds(), seconds()).prop_map(|(age, lifetime)| Call::Restore(age, lifetime)),
        1 => Just(Call::Restart),
    ]
}

fn is_steady(call: &Call) -> bool {
    !matches!(
        call,
        Call::RunBack(_) | Call::PassLong(u64::MAX) | Call::Sleep(u64::MAX)
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn promises_hold_for_random_calls(
        policy_and_seed in any::<u64>(),
        steady in any::<bool>(),
        calls in prop::collection::vec(call(), 1..120),
    ) {
        let mut model = Model::new(policy_and_seed);
        // Some promises hold only while no clock has run back or ended.
        for call in calls.into_iter().filter(|call| !steady || is_steady(call)) {
            model.make(call);
        }
        model.end();
    }
}
