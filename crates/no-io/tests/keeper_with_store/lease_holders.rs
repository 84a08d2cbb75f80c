//! Holders of the lease that are slow, killed or leave nothing.

use std::time::Duration;

use edge_oauth_no_io::{Action, Caller, Claimed, Completion, Finish, Found, Share, Step};

use crate::setup::{
    Store, adopt, ask, ask_one_that_says, at, fail, finish, keeper, old_keeper, pauses, refuse,
    respond, sends, start, two_with_a_token_of_300_s,
};

#[test]
fn keeper_pauses_while_another_requests_and_takes_its_token() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    let mut waiting = start(&mut second, at(0.0));
    for step in 0..5 {
        let action = ask(&mut waiting, &mut store, at(f64::from(step) * 0.3));
        let Action::Pause(pause) = action else {
            panic!("{action:?}")
        };
        let bounds = Duration::from_millis(5)..=Duration::from_millis(250);
        assert!(bounds.contains(&pause), "{pause:?}");
    }
    let body = r#"{"access_token":"a","expires_in":900}"#;
    respond(&mut holder, 200, body, at(2.0));
    finish(&mut first, holder, &mut store, at(2.0))
        .unwrap()
        .unwrap();
    let action = ask(&mut waiting, &mut store, at(2.1));
    assert!(matches!(action, Action::Done), "{action:?}");
    assert_eq!(
        finish(&mut second, waiting, &mut store, at(2.1)),
        Some(Ok("a".to_owned()))
    );
}

// fault: holder-of-the-lease-is-killed
#[test]
fn lease_of_a_killed_holder_is_given_to_the_next() {
    let mut store = Store::default();
    let (mut first, mut second) = (keeper(), keeper());
    let mut killed = start(&mut first, at(0.0));
    sends(&mut killed, &mut store, at(0.0));
    let mut waiting = start(&mut second, at(0.1));
    assert!(matches!(
        ask(&mut waiting, &mut store, at(0.1)),
        Action::Pause(_)
    ));
    sends(&mut waiting, &mut store, at(3.1));
    assert!(
        store.lease.as_ref().unwrap().ends > at(3.1).wall,
        "with a lease of its own"
    );
}

// fault: lease-that-never-ends
#[test]
fn lease_that_outlives_its_end_is_not_waited_for() {
    let mut keeper = keeper();
    let mut acquisition = start(&mut keeper, at(0.0));
    let left = Duration::from_secs(3);
    for (seconds, waits) in [(0.0, true), (3.9, true), (4.1, false)] {
        let now = at(seconds);
        let mut action = acquisition.poll(now, [0; 16]);
        if let Action::Pause(_) = action {
            action = acquisition.poll(now, [0; 16]);
        }
        let Action::Claim(_) = action else {
            panic!("{action:?}")
        };
        let found = Found::Taken {
            number: 5,
            left,
            error_response: None,
        };
        let claimed = Claimed {
            now: now.wall,
            found,
        };
        acquisition.handle(Completion::Claimed(Ok(claimed)), now);
        let action = acquisition.poll(now, [0; 16]);
        assert_eq!(matches!(action, Action::Pause(_)), waits, "{action:?}");
        assert_eq!(matches!(action, Action::Send(..)), !waits, "{action:?}");
    }
}

// fault: convoy-of-lease-holders
// fault: fleet-follows-a-stopped-holder
#[test]
fn holders_that_left_nothing_are_followed_four_times() {
    let mut store = Store::default();
    let mut waiting_keeper = keeper();
    let mut first = keeper();
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    let mut waiting = start(&mut waiting_keeper, at(0.0));
    pauses(&mut waiting, &mut store, at(0.0));
    let mut latest = (first, holder);
    for seconds in [0.5, 1.0, 1.5, 2.0] {
        fail(&mut latest.0, latest.1, &mut store, at(seconds));
        let mut next = keeper();
        let mut holder = start(&mut next, at(seconds));
        sends(&mut holder, &mut store, at(seconds));
        latest = (next, holder);
        if seconds < 2.0 {
            pauses(&mut waiting, &mut store, at(seconds + 0.1));
        }
    }
    // The server is down, or no process can use what another gets.
    sends(&mut waiting, &mut store, at(2.1));
    let body = r#"{"access_token":"alone","expires_in":900}"#;
    respond(&mut waiting, 200, body, at(2.2));
    finish(&mut waiting_keeper, waiting, &mut store, at(2.2))
        .unwrap()
        .unwrap();
    assert!(store.entry.is_none(), "without a lease nothing is stored");
}

// fault: fleet-follows-a-stopped-holder
#[test]
fn lease_that_was_ended_with_nothing_goes_to_one_of_those_who_waited() {
    let mut store = Store::default();
    let (mut first, mut second) = two_with_a_token_of_300_s(&mut store);
    let mut third = keeper();
    adopt(&mut third, &mut store, at(1.0));
    // It is stopped, and finds its request timed out before its lease is over.
    let mut stopped = start(&mut first, at(240.0));
    sends(&mut stopped, &mut store, at(240.0));
    let mut next = start(&mut second, at(240.0));
    let mut last = start(&mut third, at(240.0));
    pauses(&mut next, &mut store, at(240.1));
    pauses(&mut last, &mut store, at(240.1));
    let number = store.lease.as_ref().unwrap().number;
    fail(&mut first, stopped, &mut store, at(242.5));
    sends(&mut next, &mut store, at(242.6));
    assert!(store.lease.as_ref().unwrap().number > number);
    pauses(&mut last, &mut store, at(242.7));
    let body = r#"{"access_token":"b","expires_in":300}"#;
    respond(&mut next, 200, body, at(242.8));
    finish(&mut second, next, &mut store, at(242.8));
    let action = ask(&mut last, &mut store, at(242.9));
    assert!(matches!(action, Action::Done), "{action:?}");
}

// fault: fleet-follows-a-killed-holder
#[test]
fn next_holder_is_waited_for_if_the_first_was_killed() {
    let mut store = Store::default();
    let (mut first, mut second, mut third) = (keeper(), keeper(), keeper());
    let mut killed = start(&mut first, at(0.0));
    sends(&mut killed, &mut store, at(0.0));
    let mut next = start(&mut second, at(0.1));
    let mut waiting = start(&mut third, at(0.1));
    for acquisition in [&mut next, &mut waiting] {
        let action = ask(acquisition, &mut store, at(0.1));
        assert!(matches!(action, Action::Pause(_)), "{action:?}");
    }
    sends(&mut next, &mut store, at(3.0));
    let action = ask(&mut waiting, &mut store, at(3.1));
    assert!(matches!(action, Action::Pause(_)), "{action:?}");
    let body = r#"{"access_token":"a","expires_in":900}"#;
    respond(&mut next, 200, body, at(3.2));
    finish(&mut second, next, &mut store, at(3.2));
    let action = ask(&mut waiting, &mut store, at(3.3));
    assert!(matches!(action, Action::Done), "{action:?}");
    let outcome = finish(&mut third, waiting, &mut store, at(3.3));
    assert_eq!(outcome, Some(Ok("a".to_owned())));
}

#[test]
fn lease_is_given_back_if_the_acquisition_comes_back_undone() {
    let mut store = Store::default();
    let mut first = keeper();
    let mut holder = start(&mut first, at(0.0));
    sends(&mut holder, &mut store, at(0.0));
    let number = store.lease.as_ref().unwrap().number;
    assert!(first.finish(holder, at(0.1)).is_none());
    let finish = first.poll_finish().unwrap();
    assert!(matches!(finish, Finish { share: Share::Nothing, number: n, .. } if n == number));
}

// fault: convoy-of-lease-holders
#[test]
fn holder_after_a_shared_backoff_is_waited_for() {
    let mut store = Store::default();
    let (mut first, mut second, mut third) = (keeper(), old_keeper(), old_keeper());
    refuse(&mut first, &mut store, at(0.0));
    let ends = store.lease.as_ref().unwrap().ends - at(0.0).wall;
    let shortly_before = at(0.0).after(ends - Duration::from_millis(500));
    let at_the_end = at(0.0).after(ends);
    let mut waiting = start(&mut second, at(0.1));
    assert!(matches!(
        ask(&mut waiting, &mut store, at(0.1)),
        Action::Done
    ));
    finish(&mut second, waiting, &mut store, at(0.1))
        .unwrap()
        .unwrap_err();

    let mut again = match second.poll_for(&mut Caller::new(), shortly_before) {
        Step::Send(acquisition) => acquisition,
        // Its backoff is the rest of the lease.
        Step::Fail(_) => start(&mut second, at_the_end),
        other => panic!("{other:?}"),
    };
    let mut holder = start(&mut third, at_the_end);
    sends(&mut holder, &mut store, at_the_end);
    let action = ask(&mut again, &mut store, at_the_end);
    assert!(matches!(action, Action::Pause(_)), "{action:?}");
}

// fault: lease-that-never-ends
#[test]
fn lease_that_claims_to_last_for_ever_is_waited_for_as_long_as_a_lease_lasts() {
    let mut keeper = keeper();
    let mut now = at(0.0);
    let mut acquisition = start(&mut keeper, now);
    let found = Found::Taken {
        number: 5,
        left: Duration::MAX,
        error_response: None,
    };
    let action = ask_one_that_says(&mut acquisition, &found, &mut now);
    assert!(matches!(action, Action::Send(..)), "{action:?}");
    assert!(now.monotonic <= at(4.5).monotonic, "{now:?}");
}
