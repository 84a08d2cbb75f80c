//! The outcome of an acquisition: of its own request, or of another process.

use std::time::Duration;

use edge_oauth_no_io::{
    Action, Caller, Candidate, Claimed, Completion, EndpointHealth, Event, Found, Share,
    SharedResponse, Step, TransportError, TransportErrorKind,
};

use crate::setup::{
    START, Store, ask, ask_one_that_says, at, events, fetch, held, keeper, local_keeper,
    old_keeper, pauses, refuse, sends, shared_error, start, used,
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

#[test]
fn token_that_was_requested_when_the_call_began_is_new_to_it() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    fetch(&mut first, &mut store, "a", at(0.0));
    let mut caller = Caller::new().refresh();
    let Step::Send(mut acquisition) = second.poll_for(&mut caller, at(0.0)) else {
        panic!("a refresh asks")
    };
    let action = ask(&mut acquisition, &mut store, at(0.0));
    assert!(matches!(action, Action::Done), "{action:?}");
    second.finish(acquisition, at(0.0)).unwrap().unwrap();
    assert_eq!(used(&second.poll_for(&mut caller, at(0.0))), Some("a"));
}

#[test]
fn late_failure_is_held_by_no_store() {
    let mut store = Store::default();
    let mut keeper = local_keeper();
    fetch(&mut keeper, &mut store, "a", at(0.0));
    let mut late = start(&mut keeper, at(800.0));
    sends(&mut late, &mut store, at(800.0));
    let _newer = start(&mut keeper, at(820.0));
    let error = TransportError::new(TransportErrorKind::Connect, "refused");
    late.handle(Completion::Failed(error), at(821.0));
    keeper.finish(late, at(821.0)).unwrap().unwrap_err();
    match keeper.poll_finish().unwrap().share {
        Share::ErrorResponse { hold, .. } => assert_eq!(hold, Duration::ZERO),
        other => panic!("{other:?}"),
    }
}

#[test]
fn entry_that_is_known_already_is_not_adopted() {
    let response = http::Response::new(r#"{"access_token":"a","expires_in":900}"#);
    let config = keeper().config().clone();
    let outcome = edge_oauth_no_io::token_response(&config, &response);
    let response = SharedResponse::new(&config, START.wall, &outcome);
    for (number, is_adopted) in [(0, false), (1, true)] {
        let mut acquisition = start(&mut keeper(), at(0.0));
        let found = Found::Entry {
            number,
            response: response.clone(),
        };
        let action = ask_one_that_says(&mut acquisition, &found, &mut at(0.0));
        assert_eq!(matches!(action, Action::Done), is_adopted, "{action:?}");
    }
}

#[test]
fn time_of_a_lease_that_cannot_be_is_not_learnt_from() {
    let micros = |time: Duration| time.as_micros() as u64;
    let now = micros(START.wall);
    for (number, lease) in [
        // It was given a second ago, and lasts for two.
        (now - 1_000_000, 2.0),
        // It lasts longer than any.
        (now - 60_000_000, 3.0),
        // It was given after its end.
        (now + 60_000_000, 3.0),
    ] {
        let mut keeper = keeper();
        let mut acquisition = start(&mut keeper, at(0.0));
        let mut taken = Some(Found::Taken {
            number,
            left: Duration::from_secs(1),
            error_response: None,
        });
        let mut time = at(0.0);
        let lasts = loop {
            match acquisition.poll(time, [0; 16]) {
                Action::Claim(claim) => match taken.take() {
                    Some(found) => {
                        let now = START.wall;
                        let claimed = Completion::Claimed(Ok(Claimed { now, found }));
                        acquisition.handle(claimed, time);
                    }
                    None => break claim.lease,
                },
                Action::Pause(pause) => time = time.after(pause),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(lasts, Duration::from_secs_f64(lease), "{number}");
    }
}

#[test]
fn store_is_asked_again_until_the_time_of_the_request_begins() {
    let total = start(&mut keeper(), at(0.0)).time_left(at(0.0));
    let is_asked = |elapsed| {
        let mut store = Store::default();
        let mut holder = start(&mut keeper(), at(0.0));
        sends(&mut holder, &mut store, at(0.0));
        let mut acquisition = start(&mut keeper(), at(0.0));
        pauses(&mut acquisition, &mut store, at(0.0));
        let action = acquisition.poll(at(0.0).after(elapsed), [0; 16]);
        matches!(action, Action::Claim(_))
    };
    let (mut before, mut after) = (Duration::ZERO, total);
    while after - before > Duration::from_nanos(1) {
        let middle = before + (after - before) / 2;
        match is_asked(middle) {
            true => before = middle,
            false => after = middle,
        }
    }
    // The half of its time is kept for the request.
    assert_eq!(total - before, Duration::from_secs(5));
}
