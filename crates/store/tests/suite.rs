//! The conformance suite on files, and the store's thread.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use edge_oauth_driver::testing::{MemoryStore, block_on, check_store};
use edge_oauth_driver::{AsyncStore, Store, StoreKey};
use edge_oauth_no_io::{Claim, Claimed, Config, Finish, Found, Share, StoreError};
use edge_oauth_store::{FileStore, StoreThread};

use common::{Temporary, claim, config};

#[test]
fn file_store_passes_the_suite() {
    let temporary = Temporary::new();
    check_store(|| FileStore::open(temporary.path()).unwrap());
}

#[test]
fn file_store_on_a_thread_passes_the_suite() {
    let temporary = Temporary::new();
    check_store(|| StoreThread::new(FileStore::open(temporary.path()).unwrap()).unwrap());
}

/// Blocks on an asynchronous store.
struct Blocking<S>(S);

impl<S: AsyncStore> Store for Blocking<S> {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.0.key(config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        block_on(self.0.claim(key, claim))
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        block_on(self.0.finish(key, finish))
    }
}

#[test]
fn store_thread_passes_the_suite_for_tasks() {
    let temporary = Temporary::new();
    let open = || FileStore::open(temporary.path()).unwrap();
    check_store(|| Blocking(StoreThread::new(open()).unwrap()));
}

/// Hangs in each claim until it is told to go on.
struct Hanging {
    store: MemoryStore,
    entered: Sender<()>,
    go_on: Mutex<Receiver<()>>,
}

impl Store for Hanging {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        Store::key(&self.store, config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        self.entered.send(()).unwrap();
        self.go_on.lock().unwrap().recv().unwrap();
        Store::claim(&self.store, key, claim)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        Store::finish(&self.store, key, finish)
    }
}

/// A store's thread that hangs in a claim.
struct Stage {
    store: StoreThread<Hanging>,
    key: StoreKey,
    has_entered: Receiver<()>,
    go: Sender<()>,
    hanging: JoinHandle<Result<Claimed<Vec<u8>>, StoreError>>,
}

fn hanging_store() -> (StoreThread<Hanging>, Receiver<()>, Sender<()>) {
    let (entered, has_entered) = channel();
    let (go, go_on) = channel();
    let store = Hanging {
        store: MemoryStore::new(),
        entered,
        go_on: Mutex::new(go_on),
    };
    (StoreThread::new(store).unwrap(), has_entered, go)
}

fn stage() -> Stage {
    let (store, has_entered, go) = hanging_store();
    let key = Store::key(&store, &config("s3cret")).unwrap();
    let (own, own_key) = (store.clone(), key.clone());
    let hanging = thread::spawn(move || Store::claim(&own, &own_key, &claim()));
    has_entered.recv().unwrap();
    Stage {
        store,
        key,
        has_entered,
        go,
        hanging,
    }
}

fn impatient() -> Claim {
    Claim {
        timeout: Duration::ZERO,
        ..claim()
    }
}

// fault: store-hangs
#[test]
fn caller_of_a_hanging_store_gets_an_error_within_its_timeout() {
    let stage = stage();
    let claimed = Store::claim(&stage.store, &stage.key, &impatient());
    assert_eq!(claimed, Err(StoreError::timeout()));
    stage.go.send(()).unwrap();
    assert!(stage.hanging.join().unwrap().is_ok());
}

// fault: store-runs-the-claim-of-a-caller-that-is-gone
#[test]
fn claim_of_a_caller_that_left_is_not_run() {
    let stage = stage();
    for _ in 0..10 {
        assert!(Store::claim(&stage.store, &stage.key, &impatient()).is_err());
    }
    stage.go.send(()).unwrap();
    stage.go.send(()).unwrap();
    assert!(Store::claim(&stage.store, &stage.key, &claim()).is_ok());
    stage.has_entered.recv().unwrap();
    assert!(
        stage.has_entered.try_recv().is_err(),
        "ten claims were dropped"
    );
}

#[test]
fn full_queue_is_an_error_at_once() {
    let stage = stage();
    for _ in 0..64 {
        let claimed = Store::claim(&stage.store, &stage.key, &impatient());
        assert_eq!(claimed, Err(StoreError::timeout()));
    }
    let error = Store::claim(&stage.store, &stage.key, &claim()).unwrap_err();
    assert!(error.to_string().contains("too busy"), "{error}");
    let error = block_on(AsyncStore::claim(&stage.store, &stage.key, &claim())).unwrap_err();
    assert!(error.to_string().contains("too busy"), "{error}");
}

#[test]
fn token_that_comes_after_its_caller_left_is_stored() {
    let stage = stage();
    let finish = Finish {
        number: 1 << 52,
        share: Share::Token {
            response: b"late".to_vec(),
            keep: Duration::from_secs(60),
        },
        timeout: Duration::ZERO,
    };
    assert!(Store::finish(&stage.store, &stage.key, finish).is_err());
    stage.go.send(()).unwrap();
    stage.go.send(()).unwrap();
    let found = Store::claim(&stage.store, &stage.key, &claim())
        .unwrap()
        .found;
    assert!(matches!(found, Found::Entry { .. }), "{found:?}");
}

// fault: store-panics
#[test]
fn thread_goes_on_after_a_panic_of_its_store() {
    let stage = stage();
    drop(stage.go);
    let error = stage.hanging.join().unwrap().unwrap_err();
    assert!(error.to_string().contains("it panicked"), "{error}");
    let error = block_on(AsyncStore::claim(&stage.store, &stage.key, &claim())).unwrap_err();
    assert!(error.to_string().contains("it panicked"), "{error}");
    let finish = Finish {
        number: 7,
        share: Share::Nothing,
        timeout: claim().timeout,
    };
    assert_eq!(Store::finish(&stage.store, &stage.key, finish), Ok(false));
}

struct PanickingWaker;

impl Wake for PanickingWaker {
    fn wake(self: Arc<Self>) {
        panic!("the waker of a task")
    }
}

// fault: waker-that-panics
#[test]
fn thread_goes_on_after_a_panic_of_its_callers_waker() {
    let (store, has_entered, go) = hanging_store();
    let key = Store::key(&store, &config("s3cret")).unwrap();
    let claim = claim();
    let mut waiting = AsyncStore::claim(&store, &key, &claim);
    has_entered.recv().unwrap();
    let waker = Waker::from(Arc::new(PanickingWaker));
    let polled = waiting.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(polled.is_pending(), "the store hangs");
    go.send(()).unwrap();
    go.send(()).unwrap();
    let found = Store::claim(&store, &key, &claim).unwrap().found;
    assert!(matches!(found, Found::Taken { .. }), "{found:?}");
}

// fault: lease-of-a-claim-that-timed-out
#[test]
fn lease_that_comes_after_its_caller_left_is_given_back() {
    let (store, has_entered, go) = hanging_store();
    let key = Store::key(&store, &config("s3cret")).unwrap();
    let (abandoned, in_time) = (claim(), claim());
    let waiting = AsyncStore::claim(&store, &key, &abandoned);
    has_entered.recv().unwrap();
    drop(waiting);
    go.send(()).unwrap();
    go.send(()).unwrap();
    let found = Store::claim(&store, &key, &in_time).unwrap().found;
    assert!(matches!(found, Found::Lease { .. }), "{found:?}");
}

// fault: lease-of-a-claim-that-timed-out
#[test]
fn lease_that_its_caller_never_saw_is_given_back() {
    let (store, has_entered, go) = hanging_store();
    let key = Store::key(&store, &config("s3cret")).unwrap();
    let (abandoned, in_time) = (claim(), claim());
    let waiting = AsyncStore::claim(&store, &key, &abandoned);
    has_entered.recv().unwrap();
    go.send(()).unwrap();
    let finish = Finish {
        number: 0,
        share: Share::Nothing,
        timeout: claim().timeout,
    };
    // It is next in the queue, so the reply to the claim is there.
    assert_eq!(Store::finish(&store, &key, finish), Ok(false));
    drop(waiting);
    go.send(()).unwrap();
    let found = Store::claim(&store, &key, &in_time).unwrap().found;
    assert!(matches!(found, Found::Lease { .. }), "{found:?}");
}

#[test]
fn thread_reports_whether_its_store_is_local() {
    let temporary = Temporary::new();
    let files = Arc::new(FileStore::open(temporary.path()).unwrap());
    let files = StoreThread::new(files).unwrap();
    let memory = StoreThread::new(MemoryStore::new()).unwrap();
    assert!(Store::is_local(&files) && AsyncStore::is_local(&files));
    assert!(!Store::is_local(&memory) && !AsyncStore::is_local(&memory));
    let printed = format!("{files:?}");
    assert!(printed.starts_with("StoreThread(FileStore"), "{printed}");
}
