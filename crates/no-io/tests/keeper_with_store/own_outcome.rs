//! The outcome of an acquisition: of its own request, or of another process.

use std::time::Duration;

use edge_oauth_no_io::{
    Action, Caller, Candidate, Claimed, Completion, EndpointHealth, Event, Found, Share, Step,
    TransportError, TransportErrorKind,
};

use crate::setup::{
    START, Store, ask, ask_one_that_says, at, events, fetch, held, keeper, local_keeper,
    old_keeper, refuse, sends, shared_error, start,
};

fn took(events: &[Event]) -> Vec<Option<Duration>> {
    let took = |event: &Event| match event {
        Event::Failed { took, .. } => Some(*took),
        _ => None,
    };
    events.iter().filter_map(took).collect()
}

#[test]
fn failure_names_the_time_of_a_request_of_its_own_alone() {
    let mut store = Store::default();
    let mut own = keeper();
    refuse(&mut own, &mut store, at(0.0));
    assert_eq!(took(&events(&mut own)), [Some(Duration::ZERO)]);

    let mut other = old_keeper();
    let mut acquisition = start(&mut other, at(0.0));
    let found = held(&shared_error(r#"{"error":"invalid_scope"}"#), 1, 10);
    let mut now = at(0.0);
    let action = ask_one_that_says(&mut acquisition, &found, &mut now);
    assert!(matches!(action, Action::Done), "{action:?}");
    other.finish(acquisition, now).unwrap().unwrap_err();
    assert_eq!(took(&events(&mut other)), [None]);
}

// fault: error-of-one-client-is-not-of-the-endpoint
#[test]
fn token_of_another_process_says_nothing_about_the_endpoint() {
    let mut health = EndpointHealth::new(7);
    let refused = || Completion::Failed(TransportError::new(TransportErrorKind::Connect, ""));
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    fetch(&mut first, &mut store, "a", at(0.0));
    let mut acquisition = start(&mut second, at(1.0));
    assert!(matches!(
        ask(&mut acquisition, &mut store, at(1.0)),
        Action::Done
    ));
    for _ in 0..2 {
        let member = health.join();
        let mut failing = start(&mut keeper(), at(1.0));
        sends(&mut failing, &mut Store::default(), at(1.0));
        failing.handle(refused(), at(1.0));
        health.note(member, &failing, at(1.0));
    }
    let member = health.join();
    health.note(member, &acquisition, at(1.0));
    let admit = |candidate: &Candidate<'_>| health.admit(candidate, at(1.0));
    let step = keeper().poll_among(&mut Caller::new(), at(1.0), admit);
    assert!(matches!(step, Step::Wait { .. }), "{step:?}");
}

#[test]
fn store_is_asked_once_even_if_the_time_for_it_is_over() {
    let mut keeper = keeper();
    let mut acquisition = start(&mut keeper, at(0.0));
    let late = at(0.0).after(acquisition.time_left(at(0.0)) - Duration::from_millis(1));
    assert!(matches!(acquisition.poll(late, [0; 16]), Action::Claim(_)));
}

#[test]
fn store_that_is_always_too_late_is_asked_four_times() {
    let mut keeper = keeper();
    let mut acquisition = start(&mut keeper, at(0.0));
    let mut claims = 0;
    while let Action::Claim(_) = acquisition.poll(at(0.0), [0; 16]) {
        claims += 1;
        let found = Found::TooLate;
        let now = START.wall;
        let claimed = Completion::Claimed(Ok(Claimed { now, found }));
        acquisition.handle(claimed, at(0.0));
    }
    assert_eq!(claims, 4);
}

#[test]
fn fault_is_shared_on_one_machine_alone() {
    for (mut keeper, is_shared) in [(keeper(), false), (local_keeper(), true)] {
        let mut store = Store::default();
        let mut acquisition = start(&mut keeper, at(0.0));
        sends(&mut acquisition, &mut store, at(0.0));
        let error = TransportError::new(TransportErrorKind::Connect, "refused");
        acquisition.handle(Completion::Failed(error), at(0.0));
        keeper.finish(acquisition, at(0.0)).unwrap().unwrap_err();
        let share = keeper.poll_finish().unwrap().share;
        match (is_shared, &share) {
            (false, Share::Nothing) | (true, Share::ErrorResponse { .. }) => {}
            _ => panic!("{share:?}"),
        }
    }
}

#[test]
fn acquisition_prints_its_number_and_place() {
    let acquisition = start(&mut keeper(), at(0.0));
    let text = format!("{acquisition:?}");
    assert_eq!(text, "Acquisition { number: 1, place: Here, .. }");
}
