//! A store beside a token endpoint that fails for this process.

use edge_oauth_no_io::{
    Action, Caller, Completion, EndpointHealth, Keeper, Policy, Step, TransportError,
    TransportErrorKind,
};

use crate::setup::{Store, ask, at, fetch, finish, keeper};

// fault: token-from-the-store-waits-for-a-probe
#[test]
fn token_that_another_process_has_stored_costs_no_probe_of_a_failing_endpoint() {
    let (mut store, mut health) = (Store::default(), EndpointHealth::new(7));
    fetch(&mut keeper(), &mut store, "a", at(0.0));
    for _ in 0..2 {
        let mut keeper = Keeper::new(keeper().config().clone(), Policy::default(), 7);
        let Step::Send(mut acquisition) = keeper.poll(at(1.0)) else {
            panic!("no token is cached")
        };
        let _ = acquisition.poll(at(1.0), [9; 16]);
        let error = TransportError::new(TransportErrorKind::Connect, "refused");
        acquisition.handle(Completion::Failed(error), at(1.0));
        let member = health.join();
        health.note(member, &acquisition, at(1.0));
    }
    // The first of them is the probe, if it had to ask the endpoint.
    for _ in 0..3 {
        let (mut keeper, member, now) = (keeper(), health.join(), at(3.0));
        let step = keeper.poll_among(&mut Caller::new(), now, |candidate| {
            health.admit(candidate, now)
        });
        let Step::Send(mut acquisition) = step else {
            panic!("not Send: {step:?}")
        };
        let action = ask(&mut acquisition, &mut store, now);
        assert!(matches!(action, Action::Done), "{action:?}");
        health.note(member, &acquisition, now);
        finish(&mut keeper, acquisition, &mut store, now)
            .unwrap()
            .unwrap();
    }
}
