//! The traits of a shared store, with the store in memory.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use edge_oauth_driver::testing::{Clock, MemoryStore, block_on, check_store};
use edge_oauth_driver::{AsyncStore, BoxFuture, Store, StoreKey};
use edge_oauth_no_io::{
    AccessToken, Claim, Claimed, Config, Finish, Found, Secret, Share, SharedResponse, StoreError,
};

fn config(client_id: &str) -> Config {
    Config::builder("https://login.example/token", client_id)
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap()
}

fn claim() -> Claim {
    Claim {
        known: 0,
        lease: Duration::from_secs(3),
        max_error_age: Duration::ZERO,
        until: Duration::MAX,
        timeout: Duration::from_secs(1),
    }
}

fn token(number: u64, born: Duration) -> Finish<SharedResponse> {
    let token = AccessToken::new("abc", Some(Duration::from_secs(900)), None).unwrap();
    Finish {
        number,
        share: Share::Token {
            response: SharedResponse::new(&config("a"), born, &Ok(token)).unwrap(),
            keep: Duration::from_secs(900),
        },
        timeout: Duration::from_secs(1),
    }
}

#[test]
fn sources_share_one_store_behind_a_pointer() {
    let clock = Clock::manual();
    let now = clock.clone();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::with_clock(move || now.now()));
    let key = store.key(&config("a")).unwrap();
    let other = store.key(&config("b")).unwrap();
    assert_ne!(key.config_id(), other.config_id());
    assert!(!store.is_local());

    let claimed = store.claim(&key, &claim()).unwrap();
    let Found::Lease { number } = claimed.found else {
        panic!("no lease, but {claimed:?}");
    };
    assert!(matches!(
        store.claim(&other, &claim()).unwrap().found,
        Found::Lease { .. }
    ));
    assert!(
        store
            .finish(&key, key.seal(token(number, claimed.now)).unwrap())
            .unwrap()
    );

    clock.advance(Duration::from_secs(60));
    let claimed = key.open(store.claim(&key, &claim()).unwrap());
    let Found::Entry {
        response: Some(response),
        ..
    } = claimed.found
    else {
        panic!("no token, but {claimed:?}");
    };
    assert_eq!(response.age(claimed.now), Some(Duration::from_secs(60)));
}

#[test]
fn tasks_share_the_same_store() {
    let memory = Arc::new(MemoryStore::new());
    let store: Arc<dyn AsyncStore> = memory.clone();
    let key = store.key(&config("a")).unwrap();
    block_on(async {
        let claimed = store.claim(&key, &claim()).await.unwrap();
        let Found::Lease { number } = claimed.found else {
            panic!("no lease, but {claimed:?}");
        };
        let finish = key.seal(token(number, claimed.now)).unwrap();
        assert!(store.finish(&key, finish).await.unwrap());
        assert!(!store.is_local());
    });
    assert!(matches!(
        Store::claim(&memory, &key, &claim()).unwrap().found,
        Found::Entry { .. }
    ));
    memory.clear();
    assert!(matches!(
        Store::claim(&memory, &key, &claim()).unwrap().found,
        Found::Lease { .. }
    ));
}

/// A store of one machine.
struct Local(MemoryStore);

impl Store for Local {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        Store::key(&self.0, config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        Store::claim(&self.0, key, claim)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        Store::finish(&self.0, key, finish)
    }

    fn is_local(&self) -> bool {
        true
    }
}

impl AsyncStore for Local {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        Store::key(&self.0, config)
    }

    fn claim<'a>(
        &'a self,
        key: &'a StoreKey,
        claim: &'a Claim,
    ) -> BoxFuture<'a, Result<Claimed<Vec<u8>>, StoreError>> {
        AsyncStore::claim(&self.0, key, claim)
    }

    fn finish<'a>(
        &'a self,
        key: &'a StoreKey,
        finish: Finish<Vec<u8>>,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        AsyncStore::finish(&self.0, key, finish)
    }

    fn is_local(&self) -> bool {
        true
    }
}

#[test]
fn pointer_to_a_store_says_whether_the_store_is_local() {
    let store = Arc::new(Local(MemoryStore::new()));
    assert!(Store::is_local(&store) && AsyncStore::is_local(&store));
}

#[test]
fn response_under_another_number_does_not_open() {
    let store = MemoryStore::new();
    let key: StoreKey = Store::key(&store, &config("a")).unwrap();
    let Finish {
        share: Share::Token { response, .. },
        ..
    } = key.seal(token(7, Duration::ZERO)).unwrap()
    else {
        panic!("a token stays one");
    };
    let claimed = |number| Claimed {
        now: Duration::ZERO,
        found: Found::Entry {
            number,
            response: response.clone(),
        },
    };
    assert!(matches!(
        key.open(claimed(7)).found,
        Found::Entry {
            response: Some(_),
            ..
        }
    ));
    assert!(matches!(
        key.open(claimed(8)).found,
        Found::Entry { response: None, .. }
    ));
    let printed = format!("{key:?} {store:?}");
    assert!(printed.contains("StoreKey") && printed.contains("MemoryStore"));
}

#[test]
fn memory_store_passes_the_suite() {
    let store = Arc::new(MemoryStore::new());
    check_store(|| store.clone());
}

/// Changes a call on its way to the store, or what a claim found on its way back.
type Fault = fn(&mut Claim, &mut Finish<Vec<u8>>, &mut Found<Vec<u8>>);

/// A store with one fault.
struct Faulty {
    store: Arc<MemoryStore>,
    fault: Fault,
}

impl Store for Faulty {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        Store::key(&self.store, config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        let mut claim = claim.clone();
        (self.fault)(&mut claim, &mut no_finish(), &mut Found::TooLate);
        let mut claimed = Store::claim(&self.store, key, &claim)?;
        (self.fault)(&mut claim, &mut no_finish(), &mut claimed.found);
        Ok(claimed)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        let mut finish = finish;
        (self.fault)(&mut claim(), &mut finish, &mut Found::TooLate);
        Store::finish(&self.store, key, finish)
    }
}

fn no_finish() -> Finish<Vec<u8>> {
    Finish {
        number: 0,
        share: Share::Nothing,
        timeout: Duration::ZERO,
    }
}

#[test]
fn suite_finds_each_broken_rule() {
    let faults: [Fault; 12] = [
        |claim, _, _| claim.known = 0,
        |claim, _, _| claim.until = Duration::MAX,
        |claim, _, _| claim.until = Duration::ZERO,
        |claim, _, _| {
            if claim.until != Duration::MAX {
                claim.until = Duration::ZERO;
            }
        },
        |claim, _, _| claim.lease = Duration::ZERO,
        |claim, _, _| claim.lease = Duration::from_secs(60),
        |claim, _, _| claim.max_error_age = Duration::MAX,
        |claim, _, _| claim.max_error_age = Duration::ZERO,
        |_, finish, _| finish.number += 1 << 60,
        |_, finish, _| {
            if let Share::Token { response, .. } = &mut finish.share {
                response.pop();
            }
        },
        |_, finish, _| {
            if let Share::Token { keep, .. } = &mut finish.share {
                *keep = Duration::from_secs(3600);
            }
        },
        |claim, _, found| {
            if let Found::Taken { error_response, .. } = found {
                let was_there = !claim.max_error_age.is_zero();
                *error_response = was_there.then(|| b"no".to_vec());
            }
        },
    ];
    for (index, fault) in faults.into_iter().enumerate() {
        let store = Arc::new(MemoryStore::new());
        let check = || {
            check_store(|| Faulty {
                store: store.clone(),
                fault,
            })
        };
        assert!(
            catch_unwind(AssertUnwindSafe(check)).is_err(),
            "fault {index} passed"
        );
    }
}
