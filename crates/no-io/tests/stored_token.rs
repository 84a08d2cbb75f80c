//! Tokens that are exported in one run and restored in another.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use edge_oauth_no_io::{Caller, Config, Secret, Step, StoredToken};

use common::{START, World, builder, config};

fn stored(config: &Config, name: &str, sent: Duration, lifetime: u64) -> StoredToken {
    let lifetime = Duration::from_secs(lifetime);
    StoredToken::new(
        config.cache_key().clone(),
        Secret::new(name),
        None,
        sent,
        lifetime,
    )
}

fn wall(seconds: i64) -> Duration {
    let by = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 {
        START.wall - by
    } else {
        START.wall + by
    }
}

// fault: stored-token-of-another-configuration
#[test]
fn stored_token_of_another_configuration_is_rejected() {
    for other in [
        builder().audience("https://other.example"),
        builder().scope("read"),
        builder().param("organization_id", "org_1"),
        builder().endpoint("https://other.example/token"),
        Config::builder("https://login.example/token", "id2").client_secret(Secret::new("s3cret")),
    ] {
        let other = stored(&other.build().unwrap(), "other", START.wall, 900);
        let mut world = World::new();
        assert!(!world.keeper.restore(&other, world.now));
        assert!(world.keeper.snapshot().is_none());
        drop(world.send());
    }
    // The secret is no part of what a token is for.
    let rotated = builder()
        .build()
        .unwrap()
        .to_builder()
        .client_secret(Secret::new("new"));
    let rotated = stored(&rotated.build().unwrap(), "abc", START.wall, 900);
    let mut world = World::new();
    assert!(world.keeper.restore(&rotated, world.now));
    assert_eq!(world.token().expose(), "abc");
}

// fault: stored-token-that-is-newer
#[test]
fn stored_token_takes_the_place_of_an_expired_one() {
    let mut world = World::with_token(900);
    world.pass(900);
    let fresh = stored(&config(), "fresh", wall(890), 900);
    assert!(world.keeper.restore(&fresh, world.now));
    assert_eq!(world.token().expose(), "fresh");
}

// fault: stored-token-of-a-clock-ahead
#[test]
fn stored_token_of_a_clock_that_is_seconds_ahead_is_taken() {
    for (ahead, taken) in [(1, true), (5000, true), (5001, false), (3_600_000, false)] {
        let sent = START.wall + Duration::from_millis(ahead);
        let mut world = World::new();
        let token = stored(&config(), "abc", sent, 900);
        assert_eq!(world.keeper.restore(&token, world.now), taken, "{ahead} ms");
        if taken {
            // Its lifetime counts from now at the latest.
            assert!(!matches!(world.pass(869).poll(), Step::Send(_)));
            assert!(!matches!(
                world.pass(1).poll(),
                Step::Use(_) | Step::Refresh { .. }
            ));
        }
    }
}

// fault: stored-token-that-is-newer
#[test]
fn stored_token_is_taken_if_it_is_newer_than_the_cached_one() {
    for (sent, lifetime, taken) in [
        (60, 900, true),
        (1, 900, true),
        // Requested at the same time, or earlier.
        (0, 900, false),
        (-1, 900, false),
        (-60, 2000, false),
        // Newer, and expires earlier: it is of no use.
        (60, 100, false),
        (60, 840, false),
    ] {
        let mut world = World::with_token(900);
        let cached = world.token();
        world.pass(61);
        let other = stored(&config(), "other", wall(sent), lifetime);
        assert_eq!(
            world.keeper.restore(&other, world.now),
            taken,
            "{sent} {lifetime}"
        );
        let token = world.token();
        assert_eq!(token.is_same(&cached), !taken);
    }
}

#[test]
fn restored_token_is_replaced_by_any_that_is_fetched() {
    let mut world = World::with_token(900);
    world.pass(1);
    let mut refreshing = Caller::new().refresh();
    let acquisition = world.send_for(&mut refreshing);
    let newer = stored(&config(), "stored", wall(1), 9000);
    assert!(world.keeper.restore(&newer, world.now));
    let fetched = world.obtain(acquisition, 900);
    assert!(world.token().is_same(&fetched));
}

// fault: expired-token-exported
#[test]
fn expired_token_is_not_exported() {
    let mut world = World::with_token(900);
    world.pass(869);
    assert!(world.keeper.export(world.now).is_some());
    world.pass(1);
    assert!(world.keeper.export(world.now).is_none());

    let mut asleep = World::with_token(900);
    asleep.now.wall += Duration::from_secs(870);
    assert!(asleep.keeper.export(asleep.now).is_none());

    let mut invalidated = World::with_token(900);
    let token = invalidated.token();
    invalidated.keeper.invalidate(&token, invalidated.now);
    assert!(invalidated.keeper.export(invalidated.now).is_none());
    assert!(World::new().keeper.export(START).is_none());
}

#[test]
fn exported_token_has_the_age_of_its_token_whatever_the_wall_clock_did() {
    for set in [-3600, 3600] {
        let mut world = World::with_token(86_400);
        world.pass(100);
        match set {
            ..0 => world.now.wall -= Duration::from_secs(3600),
            _ => world.now.wall += Duration::from_secs(3600),
        }
        let exported = world.keeper.export(world.now).unwrap();
        // A clock set forward looks like a sleep, so the age includes it.
        let age = if set < 0 { 100 } else { 3700 };
        assert_eq!(exported.sent(), world.now.wall - Duration::from_secs(age));
        assert_eq!(exported.key(), config().cache_key());
        let mut other = World::new();
        other.now = world.now;
        assert!(other.keeper.restore(&exported, other.now));
    }
}

// fault: rejected-token-is-restored
#[test]
fn rejected_token_is_not_restored() {
    let mut world = World::with_token(900);
    let exported = world.keeper.export(world.now).unwrap();
    let token = world.token();
    world.keeper.invalidate(&token, world.now);
    world.pass(1);
    assert!(!world.keeper.restore(&exported, world.now));
    drop(world.send());
    // Another one is taken.
    let newer = stored(&config(), "newer", wall(1), 900);
    assert!(world.keeper.restore(&newer, world.now));
}

// fault: cached-token-is-restored-after-a-set-back
#[test]
fn cached_token_is_not_restored_after_the_wall_clock_stood() {
    let mut world = World::with_token(900);
    let exported = world.keeper.export(world.now).unwrap();
    world.now.monotonic += Duration::from_secs(420);
    assert!(!world.keeper.restore(&exported, world.now));
    world.now.monotonic += Duration::from_secs(450);
    assert!(!matches!(world.poll(), Step::Use(_) | Step::Refresh { .. }));
}
