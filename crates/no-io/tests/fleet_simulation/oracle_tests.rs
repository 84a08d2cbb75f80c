//! Each judgement of the oracle can fail: it gets one bad record of its kind.

use edge_oauth_no_io::{Caller, TransportError, TransportErrorKind};

use crate::bugs::Check;
use crate::oracle::{Failed, Oracle};
use crate::process::{Waiting, Wish};
use crate::random::Random;
use crate::server::Server;
use crate::world::Life;
use crate::{LIFETIME, SECOND, Time};

/// A server that issued one token at time zero.
fn server() -> Server {
    let mut server = Server::new(LIFETIME);
    server.respond("s3cret", Life(0, 0), 0, &mut Random::new(1));
    server
}

#[track_caller]
fn objects(check: Check, judge: impl FnOnce(&mut Oracle)) {
    let mut oracle = Oracle::new();
    judge(&mut oracle);
    let found: Vec<_> = oracle.violations.iter().map(|(check, _)| *check).collect();
    assert_eq!(found, [check], "{:?}", oracle.violations);
}

fn waiting(wish: Wish, since: Time) -> Waiting {
    Waiting {
        number: 1,
        caller: Caller::new(),
        since,
        wish,
    }
}

const PLAIN: Wish = Wish {
    min_remaining: 0,
    refresh: false,
    never_waits: false,
    max_wait: 10 * SECOND,
};

fn failed() -> Failed {
    Failed {
        process: 0,
        since: 0,
        was_told: false,
        is_patient: true,
        held: None,
        is_plain: true,
    }
}

#[test]
fn lease_or_save_with_an_old_number_is_a_violation() {
    objects(Check::Lease, |oracle| {
        oracle.lease("place", 7);
        oracle.lease("place", 7);
    });
    objects(Check::Save, |oracle| {
        oracle.accepted("place", 7);
        oracle.accepted("place", 6);
    });
}

#[test]
fn request_beside_a_young_token_or_soon_after_another_is_a_violation() {
    objects(Check::Young, |oracle| {
        oracle.request(0, Some(0), &server(), SECOND)
    });
    objects(Check::Calm, |oracle| {
        oracle.limits.calm_from = 0;
        oracle.request(0, None, &server(), SECOND);
        oracle.request(1, None, &server(), 2 * SECOND);
    });
}

#[test]
fn request_beside_another_or_within_the_wait_is_a_violation() {
    objects(Check::OneInFlight, |oracle| oracle.sends(0, 1, 0, SECOND));
    objects(Check::Wait, |oracle| oracle.sends(0, 0, 2 * SECOND, SECOND));
}

#[test]
fn expired_or_rejected_token_is_a_violation() {
    objects(Check::Expired, |oracle| {
        oracle.served((0, 0), 0, 0, &server(), LIFETIME)
    });
    objects(Check::Rejected, |oracle| {
        oracle.rejected(0, 0, 0);
        oracle.served((0, 0), 0, 0, &server(), SECOND);
    });
}

#[test]
fn token_that_misses_a_wish_is_a_violation() {
    let now = 60 * SECOND;
    let refresh = Wish {
        refresh: true,
        ..PLAIN
    };
    let lasts = Wish {
        min_remaining: LIFETIME,
        ..PLAIN
    };
    for wish in [refresh, lasts] {
        let waiting = waiting(wish, now);
        objects(Check::Wish, |oracle| {
            oracle.wish_is_met(0, 0, &waiting, &server(), now)
        });
    }
}

#[test]
fn wait_beside_a_valid_token_or_for_too_long_is_a_violation() {
    objects(Check::WaitBesideToken, |oracle| {
        oracle.waits(0, Some(0), SECOND)
    });
    objects(Check::LongWait, |oracle| {
        oracle.served((0, 0), 0, 7 * SECOND, &server(), 7 * SECOND)
    });
}

#[test]
fn error_without_a_cause_or_beside_a_valid_token_is_a_violation() {
    let error = TransportError::new(TransportErrorKind::Connect, "").into();
    objects(Check::Error, |oracle| {
        oracle.failed(&failed(), &error, false, SECOND)
    });
    objects(Check::ErrorBesideToken, |oracle| {
        let held = Some(0);
        let failed = Failed { held, ..failed() };
        oracle.failed(&failed, &error, true, SECOND);
    });
}

#[test]
fn bare_timeout_after_an_error_is_a_violation() {
    let timeout = TransportError::new(TransportErrorKind::Timeout, "").into();
    let was_told = true;
    objects(Check::BareTimeout, |oracle| {
        oracle.failed(
            &Failed {
                was_told,
                ..failed()
            },
            &timeout,
            true,
            SECOND,
        );
    });
}

#[test]
fn caller_that_waits_after_a_permanent_error_is_a_violation() {
    objects(Check::PermanentError, |oracle| {
        oracle.permanent_error(0, true, 1, SECOND)
    });
}

#[test]
fn more_requests_than_allowed_or_no_token_is_a_violation() {
    objects(Check::Requests, |oracle| {
        oracle.served = 1;
        oracle.limits.requests = 0;
        oracle.end(&server(), 0);
    });
    objects(Check::Served, |oracle| oracle.end(&server(), 0));
}
