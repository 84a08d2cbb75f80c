//! Claims and finishes of a test.

use std::time::Duration;

use edge_oauth_no_io::{Claim, Finish, Found, ReferenceStore, Share};

pub(crate) const START: Duration = Duration::from_secs(1_800_000_000);
pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const LEASE: Duration = Duration::from_secs(3);

pub(crate) fn claim() -> Claim {
    Claim {
        known: 0,
        lease: LEASE,
        max_error_age: Duration::ZERO,
        until: Duration::MAX,
        timeout: SECOND,
    }
}

pub(crate) fn finish(number: u64, share: Share<&'static str>) -> Finish<&'static str> {
    Finish {
        number,
        share,
        timeout: SECOND,
    }
}

pub(crate) fn token(response: &'static str) -> Share<&'static str> {
    Share::Token {
        response,
        keep: Duration::from_secs(60),
    }
}

pub(crate) fn error(response: &'static str) -> Share<&'static str> {
    Share::ErrorResponse {
        response,
        hold: Duration::from_secs(10),
    }
}

/// Claims at `now` and returns the number of the lease.
pub(crate) fn lease(store: &mut ReferenceStore<&'static str>, now: Duration) -> u64 {
    match store.claim(&claim(), now).found {
        Found::Lease { number } => number,
        other => panic!("no lease, but {other:?}"),
    }
}

pub(crate) fn taken(number: u64, left: Duration, error_response: Option<&str>) -> Found<&str> {
    Found::Taken {
        number,
        left,
        error_response,
    }
}
