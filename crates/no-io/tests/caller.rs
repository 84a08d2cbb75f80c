//! The wishes of one caller: a time to wait, a remaining lifetime, a new token.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use edge_oauth_no_io::{
    Caller, Completion, Event, Place, Step, TokenError, TransportError, TransportErrorKind,
};

use common::{START, World, builder, config, leave};

const DAY: u64 = 24 * 60 * 60;

fn is_timeout(error: &TokenError) -> bool {
    matches!(error, TokenError::Transport(error) if error.kind() == TransportErrorKind::Timeout)
}

// fault: timeout-in-place-of-the-servers-error
#[test]
fn caller_whose_time_is_up_gets_the_last_error_of_the_server() {
    for seed in 0..50 {
        let mut world = World::with(Default::default(), seed);
        let mut caller = Caller::new().max_wait(Duration::from_secs(2), world.now);
        let error = loop {
            match world.poll_for(&mut caller) {
                Step::Send(acquisition) => {
                    world.pass_exactly(Duration::from_millis(600));
                    world.respond(acquisition, 503, &[]);
                }
                Step::Wait { at_most, .. } => {
                    world.pass_exactly(at_most.max(Duration::from_nanos(1)));
                }
                Step::Fail(error) => break error,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(error.status().unwrap(), 503, "seed {seed}");
        assert!(world.now.monotonic <= START.monotonic + Duration::from_millis(2600));
    }
}

// fault: timeout-in-place-of-the-servers-error
#[test]
fn caller_whose_time_is_up_in_the_next_attempt_gets_the_error_of_the_last() {
    let mut world = World::new();
    let mut caller = Caller::new().max_wait(Duration::from_secs(2), world.now);
    let first = world.send_for(&mut caller);
    world.respond(first, 503, &[]);
    world.pass(1);
    let _hangs = world.send_for(&mut caller);
    world.pass(1);
    assert_eq!(world.fail_of(&mut caller).status().unwrap(), 503);
    // One that came after the error, and heard of none, timed out.
    let mut later = Caller::new().max_wait(Duration::from_secs(1), world.now);
    world.wait_of(&mut later);
    world.pass(1);
    assert!(is_timeout(&world.fail_of(&mut later)));
}

// fault: timeout-in-place-of-the-servers-error
#[test]
fn caller_that_has_no_time_for_the_next_attempt_gets_the_error_before_a_timeout() {
    let timeout = || TransportError::new(TransportErrorKind::Timeout, "");
    for seed in 0..50 {
        let mut world = World::with(Default::default(), seed);
        let mut caller = Caller::new().max_wait(Duration::from_millis(10_100), world.now);
        let first = world.send_for(&mut caller);
        world.respond(first, 503, &[]);
        world.pass(1);
        let mut hangs = world.send_for(&mut caller);
        leave(&mut hangs, world.now);
        world.pass(9);
        world.complete(hangs, Completion::Failed(timeout()));
        // The backoff is longer than the rest of its time, or it is not.
        if let Step::Wait { at_most, .. } = world.poll_for(&mut caller) {
            world.pass_exactly(at_most);
            continue;
        }
        // One that comes now hears of the timeout.
        let mut later = Caller::new().max_wait(Duration::from_millis(1), world.now);
        assert!(is_timeout(&world.fail_of(&mut later)), "seed {seed}");
        let error = world.fail_of(&mut caller);
        assert_eq!(error.status().unwrap(), 503, "seed {seed}");
    }
}

// fault: timeout-in-place-of-the-servers-error
#[test]
fn caller_whose_own_time_ends_the_last_attempt_gets_the_error_before_it() {
    let mut world = World::new();
    let mut caller = Caller::new().max_wait(Duration::from_secs(2), world.now);
    let first = world.send_for(&mut caller);
    world.respond(first, 503, &[]);
    world.pass(1);
    // Nothing runs in the background, so the caller makes the next attempt in the second that it has.
    let lost = world.send_for(&mut caller);
    world.lose(lost);
    let mut here = world.send_for(&mut caller);
    assert_eq!(here.place(), Place::Here);
    leave(&mut here, world.now);
    world.pass(1);
    let cut = TransportError::new(TransportErrorKind::Timeout, "");
    let outcome = world.complete(here, Completion::Failed(cut));
    assert!(is_timeout(&outcome.unwrap().unwrap_err()));
    assert_eq!(world.fail_of(&mut caller).status().unwrap(), 503);
    // One that came after the error response has the timeout.
    let mut later = Caller::new().max_wait(Duration::ZERO, world.now);
    assert!(is_timeout(&world.fail_of(&mut later)));
}

// fault: timeout-in-place-of-the-servers-error
#[test]
fn caller_that_came_during_a_backoff_gets_the_error_that_caused_it() {
    let mut world = World::new();
    let acquisition = world.send();
    world.respond(acquisition, 429, &[("retry-after", "60")]);
    // The backoff is longer than this caller has, so it does not wait.
    let mut hasty = Caller::new().max_wait(Duration::from_secs(1), world.now);
    let error = world.fail_of(&mut hasty);
    assert_eq!(error.status().unwrap(), 429);
    let wait = error.retry_after().unwrap().wait(world.now.wall);
    assert_eq!(wait, Duration::from_secs(60));

    let mut patient = Caller::new().max_wait(Duration::from_secs(67), world.now);
    let wait = world.wait_of(&mut patient);
    world.pass_exactly(wait);
    let _hangs = world.send_for(&mut patient);
    world.pass(67);
    assert_eq!(world.fail_of(&mut patient).status().unwrap(), 429);
}

#[test]
fn endless_time_is_no_limit() {
    let mut world = World::new();
    let mut caller = Caller::new().max_wait(Duration::MAX, world.now);
    let acquisition = world.send_for(&mut caller);
    assert_eq!(acquisition.time_left(world.now), Duration::from_secs(10));
    world.respond(acquisition, 429, &[("retry-after", "86400")]);
    assert!(world.wait_of(&mut caller) >= Duration::from_secs(86_400));
}

// fault: token-with-too-little-time-left
#[test]
fn token_with_less_than_the_minimum_remaining_lifetime_is_replaced() {
    let asks = |seconds| Caller::new().min_remaining(Duration::from_secs(seconds));
    // 970 s of 1000 s, which the margin ends.
    let mut world = World::with_token(1000);
    world.pass(100);
    let mut satisfied = asks(870);
    assert!(matches!(world.poll_for(&mut satisfied), Step::Use(_)));
    let nanosecond = Duration::from_nanos(1);
    let mut asking = Caller::new().min_remaining(Duration::from_secs(870) + nanosecond);
    let acquisition = world.send_for(&mut asking);
    // Meanwhile it waits, and callers that ask for less do not (promise 1).
    world.wait_of(&mut asking);
    world.token();
    assert!(matches!(world.poll_for(&mut asks(870)), Step::Use(_)));
    let new = world.obtain(acquisition, 1000);
    let Step::Use(token) = world.poll_for(&mut asking) else {
        panic!("a new token")
    };
    assert!(token.is_same(&new));
}

// fault: token-with-too-little-time-left
#[test]
fn server_of_shorter_lifetimes_satisfies_a_caller_with_one_new_token() {
    let mut world = World::with_token(1000);
    world.pass(100);
    let mut requests = 0;
    for _ in 0..5 {
        let mut asking = Caller::new().min_remaining(Duration::MAX);
        loop {
            match world.poll_for(&mut asking) {
                Step::Send(acquisition) => {
                    requests += 1;
                    world.obtain(acquisition, 1000);
                }
                Step::Wait { at_most, .. } => drop(world.pass_exactly(at_most)),
                Step::Use(_) => break,
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(requests, 5, "one for each call, a second apart");
    assert!(world.now.monotonic >= START.monotonic + Duration::from_secs(104));
}

#[test]
fn caller_with_a_minimum_gets_the_error_while_others_are_served() {
    let mut world = World::with_token(1000);
    world.pass(100);
    let mut asking = Caller::new().min_remaining(Duration::from_secs(900));
    let acquisition = world.send_for(&mut asking);
    let error = world.deny(acquisition);
    assert_eq!(world.fail_of(&mut asking), error);
    world.token();
}

// fault: backoff-that-nothing-lifts
#[test]
fn refresh_sends_at_once_despite_a_cached_token_or_a_backoff() {
    let mut world = World::with_token(DAY);
    let mut refreshing = Caller::new().refresh();
    let acquisition = world.pass(1).send_for(&mut refreshing);
    let new = world.obtain(acquisition, DAY);
    let Step::Use(token) = world.poll_for(&mut refreshing) else {
        panic!("the new token")
    };
    assert!(token.is_same(&new));

    for (status, retry_after) in [(429, "86400"), (503, "3600"), (401, "")] {
        let mut world = World::new();
        let acquisition = world.send();
        match retry_after {
            "" => world.deny(acquisition),
            seconds => world.respond(acquisition, status, &[("retry-after", seconds)]),
        };
        // It is fixed at the server: the others still wait, and the refresh does not.
        assert!(matches!(world.poll(), Step::Wait { .. } | Step::Fail(_)));
        let mut refreshing = Caller::new().refresh();
        let acquisition = world.send_for(&mut refreshing);
        world.obtain(acquisition, DAY);
        assert!(matches!(world.poll_for(&mut refreshing), Step::Use(_)));
        world.token();
    }
}

// fault: backoff-that-nothing-lifts
#[test]
fn refresh_that_fails_is_the_error_of_its_caller_alone() {
    let mut world = World::with_token(DAY);
    let mut refreshing = Caller::new().refresh();
    let acquisition = world.pass(1).send_for(&mut refreshing);
    let error = world.respond(acquisition, 503, &[]);
    assert_eq!(world.fail_of(&mut refreshing), error);
    world.token();
    let failed = world.events().into_iter().find_map(|event| match event {
        Event::Failed { serving, .. } => Some(serving),
        _ => None,
    });
    assert_eq!(failed, Some(true));
}

#[test]
fn refreshes_at_one_time_share_one_request_and_one_a_second_is_sent() {
    let mut world = World::with_token(DAY);
    world.pass(1);
    let mut callers: Vec<_> = (0..100).map(|_| Caller::new().refresh()).collect();
    let acquisition = world.send_for(&mut callers[0]);
    for caller in &mut callers[1..] {
        world.wait_of(caller);
    }
    let new = world.obtain(acquisition, DAY);
    for caller in &mut callers {
        let Step::Use(token) = world.poll_for(caller) else {
            panic!("the shared token")
        };
        assert!(token.is_same(&new));
    }

    let mut requests = 0;
    for _ in 0..1000 {
        world.pass_exactly(Duration::from_millis(10));
        if let Step::Send(acquisition) = world.poll_for(&mut Caller::new().refresh()) {
            requests += 1;
            world.obtain(acquisition, DAY);
        }
    }
    assert!((9..=10).contains(&requests), "{requests} requests in 10 s");
}

// fault: a-fault-fixed-at-the-server
#[test]
fn same_configuration_again_lifts_every_backoff_but_no_interval_between_tokens() {
    let mut world = World::new();
    for _ in 0..20 {
        let acquisition = world.send();
        world.deny(acquisition);
        assert!(matches!(world.poll(), Step::Fail(_)));
        world.keeper.replace_config(config());
    }
    let acquisition = world.send();
    // Within its margin on arrival, so the next caller asks again.
    world.obtain(acquisition, 1);
    world.keeper.replace_config(config());
    assert_eq!(world.wait_of(&mut Caller::new()), Duration::from_secs(1));
    // Another one is another client, whose first request is sent at once.
    world
        .keeper
        .replace_config(builder().audience("a").build().unwrap());
    drop(world.send());
}

#[test]
fn caller_takes_any_token_unless_it_asks_for_more() {
    assert!(Caller::new().takes_any_token());
    assert!(!Caller::new().refresh().takes_any_token());
    let second = Duration::from_secs(1);
    assert!(!Caller::new().min_remaining(second).takes_any_token());
    let both = Caller::new().refresh().min_remaining(second);
    assert!(!both.takes_any_token());
}

// fault: timeout-in-place-of-the-servers-error, error-without-a-host
#[test]
fn caller_that_saw_timeouts_alone_gets_the_last_of_them() {
    let mut world = World::new();
    let mut caller = Caller::new().max_wait(Duration::from_secs(65), world.now);
    let mut hangs = world.send_for(&mut caller);
    leave(&mut hangs, world.now);
    let error = TransportError::new(TransportErrorKind::Timeout, "no bytes");
    world.complete(hangs, Completion::Failed(error));
    let _in_flight = world.pass(60).send_for(&mut caller);
    // It came after the backoff, so the timeout is no news.
    let mut latest = Caller::new().max_wait(Duration::from_secs(5), world.now);
    world.wait_of(&mut latest);
    world.pass(5);
    let words = |error: TokenError| error.to_string();
    assert!(words(world.fail_of(&mut caller)).contains("no bytes"));
    let words = words(world.fail_of(&mut latest));
    assert!(words.ends_with("max_wait (login.example:443)"), "{words}");
}

// fault: timeout-in-place-of-the-servers-error
#[test]
fn caller_gets_the_error_that_came_after_a_success() {
    let mut world = World::new();
    for _ in 0..3 {
        let acquisition = world.send();
        world.respond(acquisition, 503, &[]);
        world.pass(60);
    }
    let mut caller = Caller::new().max_wait(Duration::from_secs(2000), world.now);
    let acquisition = world.send_for(&mut caller);
    world.obtain(acquisition, 900);
    let acquisition = world.pass(1000).send();
    world.respond(acquisition, 503, &[]);
    world.pass(1000);
    let mut late = Caller::new();
    let _in_flight = world.send_for(&mut late);
    assert_eq!(world.fail_of(&mut caller).status().unwrap(), 503);
}

#[test]
fn caller_waits_for_a_backoff_as_long_as_its_time() {
    let mut world = World::new();
    let acquisition = world.send();
    world.respond(acquisition, 503, &[]);
    let backoff = world.wait_of(&mut Caller::new());
    let mut caller = Caller::new().max_wait(backoff, world.now);
    assert_eq!(world.wait_of(&mut caller), backoff);
    let less = backoff - Duration::from_nanos(1);
    let mut hasty = Caller::new().max_wait(less, world.now);
    world.fail_of(&mut hasty);
}

#[test]
fn caller_that_joined_a_request_takes_its_token() {
    let mut world = World::with_token(900);
    let mut acquisition = world.pass(800).refresh();
    leave(&mut acquisition, world.now);
    let mut caller = Caller::new().min_remaining(Duration::from_secs(3600));
    world.pass(1).wait_of(&mut caller);
    let token = world.obtain_left(acquisition, 900);
    match world.poll_for(&mut caller) {
        Step::Use(used) => assert!(used.is_same(&token)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn caller_that_came_when_a_token_expired_does_not_get_it() {
    let mut world = World::new();
    let mut acquisition = world.send();
    leave(&mut acquisition, world.now);
    let nano = Duration::from_nanos(1);
    let (mut before, mut after) = (Caller::new(), Caller::new());
    world.pass_exactly(Duration::from_secs(5) - nano);
    world.wait_of(&mut before);
    world.pass_exactly(nano).wait_of(&mut after);
    world.obtain_left(acquisition, 5);
    assert!(matches!(world.poll_for(&mut before), Step::Use(_)));
    assert!(!matches!(world.poll_for(&mut after), Step::Use(_)));
}

#[test]
fn caller_that_waited_for_a_token_of_one_second_gets_it_whenever_it_came() {
    let mut world = World::new();
    let mut acquisition = world.send();
    leave(&mut acquisition, world.now);
    let mut caller = Caller::new();
    world.pass(1).wait_of(&mut caller);
    world.obtain_left(acquisition, 1);
    assert!(matches!(world.poll_for(&mut caller), Step::Use(_)));
}
