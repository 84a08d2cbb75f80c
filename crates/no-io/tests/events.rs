//! The facts in the events that metrics are made of.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use edge_oauth_no_io::{Action, ClientAuth, Completion, Config, Step};
use edge_oauth_no_io::{CredentialError, Culprit, Event, Keeper, Policy};

use common::{START, World, config, leave, response, token};

const LIFETIME: u64 = 1000;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn attempts_are_counted_from_one_until_a_success() {
    let mut world = World::new();
    let mut told = Vec::new();
    for fails in [true, true, false, true, false] {
        world.pass(LIFETIME);
        let acquisition = world.send();
        told.push(acquisition.attempt());
        match fails {
            true => drop(world.fault(acquisition)),
            false => drop(world.obtain(acquisition, LIFETIME)),
        }
    }
    assert_eq!(told, [1, 2, 3, 1, 2]);
    let of_events = world.events().into_iter().filter_map(|event| match event {
        Event::Failed { attempt, .. } | Event::Fetched { attempt, .. } => Some(attempt),
        _ => None,
    });
    assert_eq!(of_events.collect::<Vec<_>>(), told);
}

#[test]
fn lost_acquisition_counts_as_an_attempt() {
    let mut world = World::new();
    let acquisition = world.send();
    world.lose(acquisition);
    assert_eq!(world.pass(1).send().attempt(), 2);
}

#[test]
fn expiry_is_the_end_of_the_lifetime_by_the_wall_clock() {
    let mut world = World::new();
    let mut acquisition = world.send();
    leave(&mut acquisition, world.now);
    world.pass(7).obtain_left(acquisition, LIFETIME);
    let end = START.wall + seconds(LIFETIME);
    let Event::Fetched { expiry, took, .. } = world.events()[0] else {
        panic!("a token arrived")
    };
    assert_eq!((expiry, took), (end, seconds(7)));

    let now = world.pass(20).now;
    let stored = world.keeper.export(now).unwrap();
    let mut other = Keeper::new(config(), Policy::default(), 7);
    assert!(other.restore(&stored, now));
    let event = other.poll_event().unwrap();
    let Event::Restored {
        expiry, lifetime, ..
    } = event
    else {
        panic!("{event:?}")
    };
    assert_eq!((expiry, lifetime), (end, seconds(LIFETIME)));
    assert!(!other.restore(&stored, now));
    assert_eq!(other.poll_event(), None, "nothing was taken over");
}

#[test]
fn age_of_the_token_is_reported_at_its_refresh_and_at_its_rejection() {
    let mut world = World::with_token(LIFETIME);
    world.events();
    let _refresh = world.pass(900).refresh();
    let started = world.events();
    assert!(
        matches!(started[..], [Event::RefreshStarted { age, .. }] if age == seconds(900)),
        "{started:?}"
    );
    let token = world.token();
    world.pass(20);
    world.keeper.invalidate(&token, world.now);
    let rejected = world.events();
    assert!(
        matches!(rejected.last(), Some(Event::Invalidated { age, .. }) if *age == seconds(920)),
        "{rejected:?}"
    );
}

#[test]
fn failure_tells_how_long_its_request_took() {
    let mut world = World::new();
    let mut acquisition = world.send();
    leave(&mut acquisition, world.now);
    world.pass(3);
    let done = response(503, &[], "");
    world.complete(acquisition, done);
    let events = world.events();
    assert!(
        matches!(events[..], [Event::Failed { took: Some(took), .. }] if took == seconds(3)),
        "{events:?}"
    );
}

#[test]
fn failure_before_the_request_tells_no_duration() {
    let config = Config::builder("https://login.example/token", "id")
        .client_auth(ClientAuth::Assertion)
        .build()
        .unwrap();
    let mut keeper = Keeper::new(config, Policy::default(), 7);
    let Step::Send(mut acquisition) = keeper.poll(START) else {
        panic!("no token is cached yet")
    };
    let Action::Assertion(_) = acquisition.poll(START, [0; 16]) else {
        panic!("it needs an assertion")
    };
    let missing = CredentialError::transient("the file is missing");
    acquisition.handle(Completion::Assertion(Err(missing)), START);
    keeper.finish(acquisition, START);
    let event = keeper.poll_event().unwrap();
    let Event::Failed { took, error, .. } = event else {
        panic!("{event:?}")
    };
    assert_eq!(took, None);
    assert_eq!(error.culprit().as_str(), "config");
}

// fault: quota-bucket-repeats-a-secret
#[test]
fn quota_headers_become_an_event_without_the_words_of_the_server() {
    let mut world = World::new();
    let mut acquisition = world.send();
    leave(&mut acquisition, world.now);
    let headers = [
        ("x-ratelimit-remaining", "41"),
        (
            "auth0-client-quota-limit",
            "b=per_hour;q=10;r=7;t=3540,b=s3cret;q=10;r=3;t=1",
        ),
    ];
    world.complete(
        acquisition,
        response(200, &headers, r#"{"access_token":"abc"}"#),
    );
    let events = world.events();
    let [Event::Quota { limits, .. }, Event::Fetched { .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(limits.rate.unwrap().remaining, Some(41));
    let buckets = limits.client_quotas.iter();
    let buckets: Vec<_> = buckets
        .map(|quota| (quota.bucket.as_str(), quota.remaining))
        .collect();
    assert_eq!(buckets, [("per_hour", Some(7)), ("other", Some(3))]);
    assert!(!format!("{events:?}").contains("s3cret"));
}

#[test]
fn response_without_quota_headers_makes_no_event_of_them() {
    let mut world = World::new();
    let mut acquisition = world.send();
    leave(&mut acquisition, world.now);
    world.complete(acquisition, token("abc", LIFETIME));
    assert!(matches!(world.events()[..], [Event::Fetched { .. }]));
    let acquisition = world.pass(LIFETIME).send();
    world.respond(acquisition, 503, &[("retry-after", "7")]);
    assert!(matches!(world.events()[..], [Event::Failed { .. }]));
}

#[test]
fn culprits_have_a_name_each() {
    let names = [Culprit::Config, Culprit::Server, Culprit::Network].map(Culprit::as_str);
    assert_eq!(names, ["config", "server", "network"]);
}

// fault: quota-headers
#[test]
fn rate_or_quota_alone_is_an_event() {
    for header in [
        ("x-ratelimit-remaining", "7"),
        ("auth0-client-quota-limit", "b=per_hour;q=10;r=0;t=60"),
    ] {
        let mut world = World::new();
        let mut acquisition = world.send();
        leave(&mut acquisition, world.now);
        let done = response(200, &[header], r#"{"access_token":"t"}"#);
        world.complete(acquisition, done);
        let is_quota = |event: &Event| matches!(event, Event::Quota { .. });
        assert!(world.events().iter().any(is_quota), "{header:?}");
    }
}
