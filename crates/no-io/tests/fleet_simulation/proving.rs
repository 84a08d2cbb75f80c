//! Scenarios of one acquisition's own troubles: signers, cancellation, lateness, and what the server and callers ask for.

use crate::credentials::{Auth, Supply};
use crate::scenarios::{LIVES, Scenario, any, at_random, scenario, skew};
use crate::server::Reply;
use crate::world::World;
use crate::{LIFETIME, SECOND, Time};

pub(crate) const SCENARIOS: &[Scenario] = &[
    scenario("signers_fail", |world| supplies_fail(world, Auth::Signed)),
    scenario("assertions_are_missing", |world| {
        supplies_fail(world, Auth::Assertion);
    }),
    scenario("acquisitions_are_cancelled", |world| {
        world.cancels = 50;
        restarts(world);
        world.oracle.limits.wait = 8 * SECOND;
        // A cancelled request may have left. Its response is lost, and so is its lease.
        world.oracle.limits.requests_for_disturbed = 3;
    }),
    scenario("acquisitions_are_frozen", |world| {
        world.freezes = 50;
        // A token that is late may be due soon after it arrives.
        world.oracle.limits.allows_early_requests = true;
        restarts(world);
        world.server.takes = (20_000, 2 * SECOND);
        // The keeper waits for an outcome until a second after the request's timeout.
        world.oracle.limits.wait = 10 * SECOND;
        world.oracle.limits.errors_until = Time::MAX;
        world.oracle.limits.requests_for_disturbed = 1 + world.processes.len() as u64;
    }),
    scenario(
        "acquisitions_are_cancelled_and_frozen_amid_errors",
        |world| {
            (world.cancels, world.freezes) = (20, 20);
            restarts(world);
            disturb_the_server(world);
        },
    ),
    scenario("server_says_when_to_come_back", disturb_the_server),
    scenario("callers_want_more_than_a_token", |world| {
        world.have_wishes = true;
        world.oracle.limits.allows_early_requests = true;
        at_random(world, 6, |world| world.server.revoke_all(world.now));
        world.oracle.limits.allows_early_end = true;
    }),
    scenario("callers_want_more_amid_errors", |world| {
        world.have_wishes = true;
        world.cancels = 10;
        disturb_the_server(world);
    }),
    scenario("clocks_are_set_and_machines_sleep", |world| {
        world.oracle.limits.allows_early_end = true;
        world.oracle.limits.allows_early_requests = true;
        world.oracle.limits.wait = 2 * LIFETIME;
        at_random(world, 20, |world| {
            let (process, skew) = (any(world), skew(world));
            world.set_clock(process, skew);
            let sleeps = world.now + world.random.between(SECOND, LIFETIME);
            let time = world.random.between(1, LIFETIME * 3 / 2);
            world.change_at(sleeps, move |world| world.sleep(process, time));
        });
    }),
];

/// The fleet proves who it is by JWTs, and their sources fail at times.
fn supplies_fail(world: &mut World, auth: Auth) {
    world.authenticate(auth);
    let limits = &mut world.oracle.limits;
    limits.allows_early_requests = true;
    limits.wait = 11 * SECOND;
    // The longest backoff after a permanent error, and one request.
    limits.errors_until = Time::MAX;
    restarts(world);
    at_random(world, 20, |world| {
        let supplies = [Supply::Busy, Supply::Gone, Supply::Hangs, Supply::Any];
        world.supply = supplies[world.random.below(4)];
        let works = world.now + world.random.between(SECOND, LIFETIME / 10);
        world.change_at(works, |world| world.supply = Supply::Works);
    });
}

/// The server fails in every way, and mostly says for how long.
fn disturb_the_server(world: &mut World) {
    let limits = &mut world.oracle.limits;
    limits.errors_until = Time::MAX;
    limits.allows_early_requests = true;
    limits.allows_early_end |= world.have_wishes;
    limits.wait = 11 * SECOND;
    restarts(world);
    at_random(world, 20, |world| {
        let seconds = world.random.between(1, 60);
        let replies = [
            Reply::TooMany(seconds),
            Reply::UnavailableUntil(seconds),
            Reply::QuotaUsedUp(seconds),
            Reply::RateUsedUp(seconds),
            Reply::WaitOfYears,
            Reply::Page,
            Reply::Redirect,
            Reply::Nonsense,
            Reply::Hangs,
            Reply::Any,
            Reply::Any,
        ];
        world.server.reply = replies[world.random.below(replies.len())];
        let works = world.now + world.random.between(SECOND, LIFETIME / 10);
        world.change_at(works, |world| world.server.reply = Reply::Token);
    });
}

/// Some processes start without a token.
fn restarts(world: &mut World) {
    world.oracle.limits.requests = world.oracle.limits.requests.min(LIVES + 30);
    at_random(world, 20, |world| {
        let process = any(world);
        world.restart(process);
    });
    if world.oracle.limits.errors_until > 0 {
        world.oracle.limits.requests = u64::MAX;
    }
}
