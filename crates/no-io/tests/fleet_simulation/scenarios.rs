//! The scenarios: the faults that a run meets, and the limits that it has to keep.

use crate::server::Reply;
use crate::store::{Fault, State};
use crate::world::{Event, World};
use crate::{LIFETIME, SECOND, Time};

pub(crate) struct Scenario {
    pub name: &'static str,
    pub set: fn(&mut World),
}

pub(crate) const fn scenario(name: &'static str, set: fn(&mut World)) -> Scenario {
    Scenario { name, set }
}

/// A run lasts six lifetimes. The first token is refreshed after two fifths of one at the earliest, and each other token
/// after three quarters.
pub(crate) const LIVES: u64 = 9;

pub(crate) const SCENARIOS: &[Scenario] = &[
    scenario("quiet", |world| {
        world.oracle.limits.requests = LIVES;
        world.oracle.limits.calm_from = 0;
        world.oracle.limits.wait = SECOND;
    }),
    scenario("all_start_at_once", |world| {
        world.oracle.limits.requests = LIVES;
        world.oracle.limits.calm_from = 0;
        world.oracle.limits.wait = SECOND;
        for process in 0..world.processes.len() {
            world.at(0, Event::Call(process));
        }
    }),
    scenario("all_restart_at_once", |world| {
        world.oracle.limits.requests = LIVES;
        world.oracle.limits.calm_from = 0;
        world.oracle.limits.wait = SECOND;
        at_random(world, 3, |world| {
            for process in 0..world.processes.len() {
                restart_idle(world, process);
            }
        });
    }),
    scenario("processes_come_and_go", |world| {
        world.oracle.limits.requests = LIVES + 40;
        at_random(world, 40, |world| {
            let process = any(world);
            world.restart(process);
        });
    }),
    scenario("processes_restart_with_their_tokens", |world| {
        world.oracle.limits.requests = LIVES;
        world.oracle.limits.calm_from = 0;
        world.oracle.limits.wait = SECOND;
        at_random(world, 40, |world| {
            let process = any(world);
            if world.processes[process].flights.is_empty() {
                world.restart_with_token(process);
            }
        });
    }),
    scenario("store_is_flushed_and_tokens_are_restored", |world| {
        world.oracle.limits.requests = LIVES + 20;
        at_random(world, 20, |world| {
            world.store.places.clear();
            world.oracle.forget_store();
            let process = any(world);
            world.restart_with_token(process);
        });
    }),
    scenario("wall_clocks_differ", |world| {
        world.oracle.limits.requests = LIVES;
        world.oracle.limits.calm_from = 0;
        world.oracle.limits.wait = SECOND;
        skew_all(world);
    }),
    scenario("wall_clocks_are_set", |world| {
        world.oracle.limits.allows_early_end = true;
        world.oracle.limits.allows_early_requests = true;
        at_random(world, 30, |world| {
            let process = any(world);
            world.processes[process].skew = skew(world);
        });
    }),
    scenario("machines_sleep", |world| {
        world.oracle.limits.wait = 2 * LIFETIME;
        at_random(world, 20, |world| {
            let (process, time) = (any(world), world.random.between(1, LIFETIME * 3 / 2));
            world.sleep(process, time);
        });
    }),
    scenario("holders_are_killed", |world| {
        world.kills = 5;
        // A process that starts waits for half of an exchange, which two leases exceed.
        world.most_in_a_row = 1;
        world.change_at(LIFETIME / 4, |world| world.most_in_a_row = 2);
        // A lease for each of two that are killed in a row.
        world.oracle.limits.wait = 7 * SECOND;
        world.oracle.limits.requests = LIVES + 5;
    }),
    scenario("holders_are_stopped", |world| {
        let stops = [0, 1, 2, 3, 4].map(|_| world.random.between(SECOND, 20 * SECOND));
        world.stops = stops.to_vec();
        world.oracle.limits.requests = LIVES + 10;
        world.oracle.limits.wait = 40 * SECOND;
    }),
    // fault: fleet-follows-a-stopped-holder
    scenario("holders_are_stopped_for_less_than_a_lease", |world| {
        let all = of_lifetime(world, 60 * SECOND);
        // Longer than a refresh waits for its response.
        let stops = [0; 8].map(|_| world.random.between(2 * SECOND, 3 * SECOND));
        world.stops = stops.to_vec();
        world.oracle.limits.requests = all + 8;
        world.oracle.limits.wait = 10 * SECOND;
    }),
    // fault: killed-holder-of-a-short-lived-token
    scenario("holders_of_tokens_of_5_s_are_killed_or_stopped", |world| {
        of_lifetime(world, 5 * SECOND);
        world.ends = 120 * SECOND;
        // Not at the start: without a token, a process waits for half of an exchange, which two leases of 3 s exceed.
        world.change_at(SECOND, |world| {
            world.kills = 10;
            let stops = [0; 6].map(|_| world.random.between(SECOND, 6 * SECOND));
            world.stops = stops.to_vec();
        });
        // The first token is refreshed after 2 s at the earliest, and each other one after 3.75 s.
        // A holder that starts does not know the time of a request, so its lease lasts for 3 s: if it is stopped after another
        // that was killed, those who wait do not wait for both.
        world.oracle.limits.requests = 33 + 16 + world.processes.len() as u64;
        world.oracle.limits.wait = 12 * SECOND;
    }),
    scenario("some_are_parted_from_the_store", |world| {
        for process in 0..world.processes.len() / 3 {
            for (from, reaches) in [(1, false), (3, true)] {
                world.change_at(from * LIFETIME, move |world| {
                    world.processes[process].reaches_store = reaches;
                });
            }
        }
        let parted = world.processes.len() as u64 / 3;
        world.oracle.limits.requests = LIVES + 4 * parted;
        world.oracle.limits.calm_from = 4 * LIFETIME;
    }),
    scenario("some_are_parted_from_the_token_server", |world| {
        world.oracle.limits.errors_until = Time::MAX;
        world.oracle.limits.requests = LIVES + 2;
        world.oracle.limits.wait = 11 * SECOND;
        world.oracle.limits.calm_from = 4 * LIFETIME;
        for process in 0..world.processes.len() / 3 {
            for (from, reaches) in [(1, false), (3, true)] {
                world.change_at(from * LIFETIME, move |world| {
                    world.processes[process].reaches_server = reaches;
                });
            }
        }
    }),
    scenario("store_is_gone", |world| away(world, Fault::Gone)),
    scenario("store_hangs", |world| away(world, Fault::Hangs)),
    scenario("store_is_read_only", |world| away(world, Fault::ReadOnly)),
    scenario("store_loses_finishes", |world| {
        away(world, Fault::LosesFinishes);
        world.oracle.limits.wait = 8 * SECOND;
    }),
    scenario("store_is_unreadable", |world| {
        away(world, Fault::Unreadable)
    }),
    scenario("store_talks_nonsense", |world| {
        away(world, Fault::Nonsense);
        // It gives a lease to anybody, and nobody the entry of the last one.
        world.oracle.limits.requests += world.processes.len() as u64;
        // A lease with a number of the far future makes all other entries old to its holder.
        world.oracle.limits.calm_from = Time::MAX;
        world.oracle.limits.wait = 8 * SECOND;
    }),
    scenario("leases_never_end", |world| {
        away(world, Fault::LeasesNeverEnd);
    }),
    scenario("store_loses_replies", |world| {
        away(world, Fault::LosesReplies);
        world.oracle.limits.wait = 8 * SECOND;
    }),
    scenario("store_fails_now_and_then", |world| {
        away(world, Fault::Flaky);
        world.oracle.limits.wait = 8 * SECOND;
    }),
    scenario("store_holds_calls_back", |world| {
        let per_window = world.processes.len() as u64;
        world.oracle.limits.requests = LIVES + 7 * per_window;
        // The claims that it does late give no lease to callers that are gone.
        world.oracle.limits.wait = 2 * SECOND;
        at_random(world, 6, |world| {
            world.store.fault = Fault::HoldsBack;
            let goes_on = world.now + world.random.between(SECOND / 5, 60 * SECOND);
            world.change_at(goes_on, |world| {
                for process in 0..world.processes.len() {
                    if process % 2 == 0 && world.processes[process].flights.is_empty() {
                        world.restart(process);
                    }
                }
                world.go_on();
            });
        });
    }),
    scenario("store_is_slow", |world| {
        world.store.takes = (1_000, 120_000);
        // A call that takes longer than 100 ms is a request without the store.
        world.oracle.limits.requests = LIVES * world.processes.len() as u64;
    }),
    scenario("store_is_flushed", |world| {
        world.oracle.limits.requests = LIVES + 40;
        at_random(world, 40, |world| {
            world.store.places.clear();
            world.oracle.forget_store();
        });
    }),
    scenario("snapshots_come_back", |world| {
        world.oracle.limits.requests = LIVES + 30;
        at_random(world, 30, |world| {
            let old: Vec<(String, State)> = world.store.places.clone().into_iter().collect();
            let back = world.now + world.random.between(SECOND, LIFETIME);
            world.change_at(back, move |world| {
                world.store.places = old.into_iter().collect();
                world.oracle.forget_store();
            });
        });
    }),
    scenario("snapshots_come_back_with_rejected_tokens", |world| {
        world.oracle.limits.allows_early_end = true;
        world.oracle.limits.allows_early_requests = true;
        at_random(world, 10, |world| {
            let old: Vec<(String, State)> = world.store.places.clone().into_iter().collect();
            let revoked = world.now + world.random.between(SECOND, LIFETIME / 4);
            world.change_at(revoked, |world| world.server.revoke_all(world.now));
            let back = revoked + world.random.between(SECOND, LIFETIME / 2);
            world.change_at(back, move |world| {
                world.store.places = old.into_iter().collect();
                world.oracle.forget_store();
            });
        });
    }),
    scenario("store_clock_jumps_forward", |world| {
        world.oracle.limits.requests = LIVES + 3;
        at_random(world, 3, |world| world.store.skew += 3600 * SECOND as i64);
    }),
    scenario("store_clock_jumps_back_by_two_lifetimes", |world| {
        world.oracle.limits.requests = LIVES + 12 * world.processes.len() as u64;
        at_random(world, 3, |world| world.store.skew -= 2 * LIFETIME as i64);
    }),
    scenario("store_clock_jumps_back_by_half_a_lifetime", |world| {
        world.oracle.limits.allows_expired = true;
        world.oracle.limits.requests = LIVES + 12 * world.processes.len() as u64;
        at_random(world, 3, |world| world.store.skew -= LIFETIME as i64 / 2);
    }),
    scenario("store_clock_stands", |world| {
        world.oracle.limits.allows_expired = true;
        away(world, Fault::None);
        for (from, stands) in [(1, true), (3, false)] {
            world.change_at(from * LIFETIME, move |world| {
                world.store.stands = stands.then(|| world.store.clock(world.now));
            });
        }
    }),
    scenario("server_is_unavailable", |world| {
        refuses(world, Reply::Unavailable)
    }),
    // Callers come between a failed refresh and the end of the token.
    scenario("server_is_unavailable_to_busy_callers", |world| {
        world.calls_every = LIFETIME / 20;
        refuses(world, Reply::Unavailable);
    }),
    scenario("server_closes_connections", |world| {
        refuses(world, Reply::Closed)
    }),
    scenario("server_does_not_know_the_client", |world| {
        refuses(world, Reply::InvalidClient);
    }),
    scenario("server_is_back_and_the_store_clock_stands", |world| {
        refuses(world, Reply::Unavailable);
        world.oracle.limits.allows_expired = true;
        world.oracle.limits.requests = u64::MAX;
        // From the end of a lifetime on, so that an error response is in the store.
        for (from, stands) in [(20, true), (50, false)] {
            world.change_at(from * LIFETIME / 10, move |world| {
                world.store.stands = stands.then(|| world.store.clock(world.now));
            });
        }
    }),
    scenario("all_start_with_a_wrong_secret", |world| {
        let limits = &mut world.oracle.limits;
        limits.errors_until = 2 * LIFETIME;
        limits.allows_early_requests = true;
        // A backoff of five to ten seconds, and longer ones later.
        limits.requests = LIVES + 20;
        world.server.reply = Reply::InvalidClient;
        for process in 0..world.processes.len() {
            world.at(0, Event::Call(process));
        }
        world.change_at(LIFETIME / 4, |world| world.server.reply = Reply::Token);
    }),
    // fault: convoy-of-lease-holders
    scenario("all_start_at_a_server_with_a_wrong_certificate", |world| {
        let limits = &mut world.oracle.limits;
        limits.errors_until = 2 * LIFETIME;
        limits.allows_early_requests = true;
        // Nobody waits for more than four holders that fail.
        limits.wait = 2 * SECOND;
        world.server.reply = Reply::WrongCertificate;
        for process in 0..world.processes.len() {
            world.at(0, Event::Call(process));
        }
        world.change_at(LIFETIME / 4, |world| world.server.reply = Reply::Token);
    }),
    scenario("server_asks_for_a_wait", |world| {
        refuses(world, Reply::TooMany(300))
    }),
    scenario("server_is_slower_than_a_lease", |world| {
        world.server.takes = (3 * SECOND, 4 * SECOND);
        world.oracle.limits.wait = 10 * SECOND;
        // One process waits for one holder, then asks without the store.
        world.oracle.limits.requests = LIVES * (1 + world.processes.len() as u64);
    }),
    scenario("tokens_are_rejected", |world| {
        world.oracle.limits.allows_early_end = true;
        world.oracle.limits.allows_early_requests = true;
        world.oracle.limits.requests = 3 * LIVES;
        at_random(world, 6, |world| world.server.revoke_all(world.now));
    }),
    scenario("secret_is_rotated", |world| {
        world.oracle.limits.requests = 4 * LIVES;
        at_random(world, 2, |world| {
            let secret = format!("s3cret-{}", world.now);
            world.server.secrets.insert(secret.clone());
            world.secret = secret.clone();
            for process in 0..world.processes.len() {
                let at = world.now + world.random.between(0, 30 * SECOND);
                world.change_at(at, move |world| world.rotate(process));
            }
            let known = world.now + 60 * SECOND;
            world.change_at(known, move |world| {
                world.server.secrets.retain(|known| *known == world.secret);
            });
        });
    }),
    scenario("all_faults_together", |world| {
        let limits = &mut world.oracle.limits;
        limits.errors_until = Time::MAX;
        limits.allows_early_end = true;
        limits.allows_early_requests = true;
        limits.wait = 3 * LIFETIME;
        limits.may_serve_none = true;
        skew_all(world);
        world.kills = 3;
        world.stops = vec![5 * SECOND, 30 * SECOND];
        at_random(world, 30, anything);
    }),
];

/// The store has a fault for two lifetimes: each process asks for itself, once in each.
fn away(world: &mut World, fault: Fault) {
    world.change_at(LIFETIME, move |world| world.store.fault = fault);
    world.change_at(3 * LIFETIME, move |world| world.store.fault = Fault::None);
    world.oracle.limits.requests = LIVES + 4 * world.processes.len() as u64;
    world.oracle.limits.calm_from = 4 * LIFETIME;
    // Some start without a token.
    at_random(world, 5, |world| {
        let process = any(world);
        restart_idle(world, process);
    });
    world.oracle.limits.requests += 5;
}

/// The token server refuses for two lifetimes: the fleet shares one backoff, whatever its size.
fn refuses(world: &mut World, reply: Reply) {
    let limits = &mut world.oracle.limits;
    limits.allows_early_requests = true;
    limits.wait = 11 * SECOND;
    let ends = LIFETIME + LIFETIME / 10 + 2 * LIFETIME;
    // The longest backoff of its kind, and one request.
    limits.errors_until = ends
        + match reply {
            Reply::InvalidClient => 620 * SECOND,
            Reply::TooMany(seconds) => (seconds + seconds / 10 + 35) * SECOND,
            _ => 45 * SECOND,
        };
    limits.requests = match reply {
        // Waiting callers have it at once.
        Reply::InvalidClient => {
            limits.wait = 2 * SECOND;
            LIVES + 40
        }
        Reply::Unavailable => LIVES + 160,
        // The wait may be meant for one address: each process asks once in it.
        Reply::TooMany(_) => LIVES + 3 * world.processes.len() as u64,
        _ => u64::MAX,
    };
    let at = LIFETIME + LIFETIME / 10;
    world.change_at(at, move |world| world.server.reply = reply);
    world.change_at(ends, |world| world.server.reply = Reply::Token);
}

/// Sets the lifetime of all tokens. All processes start at once and are busy. Returns the requests of six lifetimes.
fn of_lifetime(world: &mut World, lifetime: Time) -> u64 {
    world.server.lifetime = lifetime;
    world.ends = 6 * lifetime;
    world.calls_every = lifetime / 20;
    for process in 0..world.processes.len() {
        world.at(0, Event::Call(process));
    }
    LIVES
}

/// Restarts a process, unless it may have the lease: a holder that is killed is another scenario.
fn restart_idle(world: &mut World, process: usize) {
    if world.processes[process].flights.is_empty() {
        world.restart(process);
    }
}

pub(crate) fn at_random(world: &mut World, times: usize, change: fn(&mut World)) {
    for _ in 0..times {
        // The last lifetime is quiet.
        let at = world.random.between(SECOND, 5 * LIFETIME);
        world.change_at(at, change);
    }
}

pub(crate) fn any(world: &mut World) -> usize {
    world.random.below(world.processes.len())
}

/// Up to ten minutes either way.
pub(crate) fn skew(world: &mut World) -> i64 {
    let most = 600 * SECOND;
    world.random.between(0, 2 * most) as i64 - most as i64
}

fn skew_all(world: &mut World) {
    for process in 0..world.processes.len() {
        world.processes[process].skew = skew(world);
    }
    world.store.skew = skew(world);
}

fn anything(world: &mut World) {
    let faults = [
        Fault::None,
        Fault::Gone,
        Fault::Hangs,
        Fault::ReadOnly,
        Fault::Nonsense,
        Fault::Unreadable,
        Fault::LosesFinishes,
        Fault::LosesReplies,
        Fault::Flaky,
        Fault::LeasesNeverEnd,
    ];
    let replies = [
        Reply::Token,
        Reply::Unavailable,
        Reply::InvalidClient,
        Reply::TooMany(5),
        Reply::Closed,
        Reply::Any,
    ];
    let process = any(world);
    match world.random.below(9) {
        0 => world.store.fault = faults[world.random.below(faults.len())],
        1 => world.server.reply = replies[world.random.below(replies.len())],
        2 => world.restart(process),
        3 => world.server.revoke_all(world.now),
        4 => {
            world.store.places.clear();
            world.oracle.forget_store();
        }
        5 => {
            let time = world.random.between(SECOND, LIFETIME);
            world.sleep(process, time);
        }
        6 => world.restart_with_token(process),
        7 => {
            let chances = [0, 30];
            world.cancels = chances[world.random.below(2)];
            world.freezes = chances[world.random.below(2)];
        }
        _ => {
            world.store.fault = Fault::None;
            world.server.reply = Reply::Token;
        }
    }
}
