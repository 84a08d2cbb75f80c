//! One configuration's place in a store, with calls that panic with the row's name.

use std::thread;
use std::time::Duration;

use edge_oauth_no_io::{Claim, Claimed, Config, Finish, Found, Secret, Share};

use crate::store::Store;
use crate::store_key::StoreKey;

type Dyn<'s> = &'s (dyn Store + Send + Sync);

/// A handle on the place of one row.
pub(super) struct Handle<'s> {
    pub(super) row: &'static str,
    pub(super) run: String,
    pub(super) store: Dyn<'s>,
    pub(super) config: Config,
    pub(super) key: StoreKey,
}

impl<'s> Handle<'s> {
    pub(super) fn new(run: &str, row: &'static str, store: Dyn<'s>) -> Self {
        let config = Config::builder("https://login.example/token", format!("{row} {run}"))
            .client_secret(Secret::new("a secret of the suite"))
            .build()
            .expect("the configuration is valid");
        let key = store.key(&config);
        Self {
            row,
            run: run.to_owned(),
            key: key.unwrap_or_else(|error| panic!("{row}: {error}")),
            config,
            store,
        }
    }

    pub(super) fn claim(&self, claim: &Claim) -> Claimed<Vec<u8>> {
        let claimed = self.store.claim(&self.key, claim);
        claimed.unwrap_or_else(|error| panic!("{}: {error}", self.row))
    }

    pub(super) fn finish(&self, number: u64, share: Share<Vec<u8>>) -> bool {
        let timeout = TIMEOUT;
        let accepted = self.store.finish(
            &self.key,
            Finish {
                number,
                share,
                timeout,
            },
        );
        accepted.unwrap_or_else(|error| panic!("{}: {error}", self.row))
    }

    pub(super) fn lease(&self) -> u64 {
        self.lease_for(&claim())
    }

    pub(super) fn lease_for(&self, claim: &Claim) -> u64 {
        match self.claim(claim).found {
            Found::Lease { number } => number,
            other => panic!("{}: no lease, but {other:?}", self.row),
        }
    }

    pub(super) fn entry(&self, claim: &Claim) -> (u64, Vec<u8>) {
        match self.claim(claim).found {
            Found::Entry { number, response } => (number, response),
            other => panic!("{}: no entry, but {other:?}", self.row),
        }
    }

    pub(super) fn taken(&self, claim: &Claim) -> (u64, Duration, Option<Vec<u8>>) {
        match self.claim(claim).found {
            Found::Taken {
                number,
                left,
                error_response,
            } => (number, left, error_response),
            other => panic!("{}: not taken, but {other:?}", self.row),
        }
    }

    /// Claims until `wanted` is found, for as long as the store's own clock says that it may still come.
    pub(super) fn until<R>(
        &self,
        end: Duration,
        wanted: impl Fn(&Found<Vec<u8>>) -> Option<R>,
    ) -> R {
        self.until_for(&claim(), end, wanted)
    }

    pub(super) fn until_for<R>(
        &self,
        claim: &Claim,
        end: Duration,
        wanted: impl Fn(&Found<Vec<u8>>) -> Option<R>,
    ) -> R {
        let first = self.claim(claim);
        let mut claimed = first.clone();
        loop {
            if let Some(found) = wanted(&claimed.found) {
                return found;
            }
            let over = claimed.now > first.now + end;
            assert!(!over, "{}: {:?} after its end", self.row, claimed.found);
            thread::yield_now();
            claimed = self.claim(claim);
        }
    }
}

pub(super) fn claim() -> Claim {
    Claim {
        known: 0,
        lease: LEASE,
        max_error_age: Duration::ZERO,
        until: Duration::MAX,
        timeout: TIMEOUT,
    }
}

pub(super) fn brief() -> Claim {
    Claim {
        lease: BRIEF,
        ..claim()
    }
}

pub(super) fn token(response: &[u8], keep: Duration) -> Share<Vec<u8>> {
    let response = response.to_vec();
    Share::Token { response, keep }
}

pub(super) fn error(response: &[u8]) -> Share<Vec<u8>> {
    let response = response.to_vec();
    Share::ErrorResponse {
        response,
        hold: LONG,
    }
}

pub(super) const LEASE: Duration = Duration::from_secs(60);
pub(super) const BRIEF: Duration = Duration::from_millis(20);
pub(super) const LONG: Duration = Duration::from_secs(900);
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);
