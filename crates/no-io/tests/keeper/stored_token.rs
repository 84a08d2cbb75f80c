//! Tokens that are stored across runs.

use std::time::Duration;

use edge_oauth_no_io::{Moment, Secret, Step, StoredToken};

use crate::setup::{DEAD, EPOCH, LIFE, World};

#[test]
fn fetched_token_replaces_a_restored_one() {
    let stored = World::holding(LIFE).export();
    let mut world = World::new();
    let exchange = world.send();
    world.pass(1);
    assert!(world.keeper.restore(&stored, world.now));
    world.answer(exchange.ticket, LIFE).unwrap().unwrap();
    assert_ne!(world.token().expose(), stored.access_token().expose());
}

#[test]
fn exported_token_can_be_restored_in_a_later_run() {
    let mut world = World::holding(LIFE);
    world.pass(100);
    let stored = world.export();
    assert!(!format!("{stored:?}").contains(stored.access_token().expose()));
    let changed = |token: &str, scope: Option<&str>, sent, lifetime| {
        let scope = scope.map(str::to_owned);
        StoredToken::new(
            stored.key().clone(),
            Secret::new(token),
            scope,
            sent,
            lifetime,
        )
    };
    let echo = changed("t", Some("s3cret"), stored.sent(), stored.lifetime());
    assert_eq!((stored.scope(), echo.scope()), (None, Some("s3cret")));
    assert!(!format!("{echo:?}").contains("s3cret"));
    assert!(format!("{echo:?}").contains("lifetime: 1000s"));

    let later = |monotonic, wall| {
        let mut world = World::new();
        world.now = Moment {
            monotonic: Duration::from_secs(monotonic),
            wall: EPOCH + Duration::from_secs(wall),
        };
        let taken = world.keeper.restore(&stored, world.now);
        (world, taken)
    };
    let (mut world, taken) = later(0, 200);
    assert!(taken);
    assert_eq!(world.token().expose(), stored.access_token().expose());
    world.now.monotonic += Duration::from_secs(DEAD - 200 - 1);
    assert!(matches!(world.poll(), Step::Refresh { .. }));
    world.now.monotonic += Duration::from_secs(1);
    assert!(!matches!(world.poll(), Step::Use(_) | Step::Refresh { .. }));

    assert!(!later(5, DEAD).1, "its margin has begun");
    let future = changed(
        "t",
        None,
        EPOCH + Duration::from_secs(1000),
        stored.lifetime(),
    );
    assert!(
        !World::new().keeper.restore(&future, world.now),
        "sent in the future"
    );
    let endless = changed("t", None, stored.sent(), Duration::MAX);
    let mut world = World::new();
    assert!(
        world.keeper.restore(&endless, world.now),
        "cut to ten years"
    );
}

#[test]
fn stored_token_does_not_replace_a_newer_cached_one() {
    let mut world = World::holding(LIFE);
    let stored = world.export();
    assert!(!world.keeper.restore(&stored, world.now));
    let (key, token) = (stored.key().clone(), Secret::new("line\nbreak"));
    let broken = StoredToken::new(key, token, None, stored.sent(), stored.lifetime());
    assert!(!World::new().keeper.restore(&broken, world.now));
}

#[test]
fn stored_token_that_was_requested_at_the_same_time_is_not_newer() {
    let stored = World::holding(LIFE).export();
    let later = |sent| {
        StoredToken::new(
            stored.key().clone(),
            Secret::new("other"),
            None,
            sent,
            stored.lifetime() + Duration::from_secs(100),
        )
    };
    let mut world = World::holding(LIFE);
    world.pass(100);
    assert!(!world.keeper.restore(&later(stored.sent()), world.now));
    let newer = later(stored.sent() + Duration::from_nanos(1));
    assert!(world.keeper.restore(&newer, world.now));
}
