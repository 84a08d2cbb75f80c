//! Holders of a lease that come to a sudden end: the lease is given back.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use edge_oauth_driver::testing::{MemoryStore, block_on};
use edge_oauth_driver::{AsyncStore, BoxFuture, Store, StoreKey, blocking, nonblocking};
use edge_oauth_no_io::{
    AccessToken, Claim, Claimed, Config, Finish, Found, Share, StoreError, TokenError,
};

use crate::stage::{Answer, Stage, config};

/// A store in memory that reports each call of `finish`, and may hang in the first.
#[derive(Clone)]
struct Reporting {
    store: Arc<MemoryStore>,
    finished: Arc<Mutex<Sender<&'static str>>>,
    hangs: Arc<Mutex<bool>>,
}

impl Reporting {
    /// The reports end with the last source.
    fn new(stage: &Stage) -> (Self, Arc<MemoryStore>, Receiver<&'static str>) {
        let clock = stage.clock().clone();
        let (finished, reports) = mpsc::channel();
        let memory = Arc::new(MemoryStore::with_clock(move || clock.now()));
        let store = Self {
            store: Arc::clone(&memory),
            finished: Arc::new(Mutex::new(finished)),
            hangs: Arc::default(),
        };
        (store, memory, reports)
    }

    fn report(&self, finish: &Finish<Vec<u8>>) {
        let what = match &finish.share {
            Share::Token { .. } => "token",
            Share::ErrorResponse { .. } => "error response",
            Share::Nothing => "nothing",
        };
        self.finished.lock().unwrap().send(what).unwrap();
    }
}

/// Returns what a process finds that comes now.
fn look(store: &Arc<MemoryStore>) -> Found<Vec<u8>> {
    let key = Store::key(store, &config()).unwrap();
    let claim = Claim {
        known: 0,
        lease: Duration::from_secs(3),
        max_error_age: Duration::ZERO,
        until: Duration::MAX,
        timeout: Duration::from_secs(1),
    };
    Store::claim(store, &key, &claim).unwrap().found
}

impl Store for Reporting {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        Store::key(&self.store, config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        Store::claim(&self.store, key, claim)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        let what = finish.clone();
        let accepted = Store::finish(&self.store, key, finish);
        self.report(&what);
        accepted
    }
}

impl AsyncStore for Reporting {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        Store::key(&self.store, config)
    }

    fn claim<'a>(
        &'a self,
        key: &'a StoreKey,
        claim: &'a Claim,
    ) -> BoxFuture<'a, Result<Claimed<Vec<u8>>, StoreError>> {
        Box::pin(async move { Store::claim(&self.store, key, claim) })
    }

    fn finish<'a>(
        &'a self,
        key: &'a StoreKey,
        finish: Finish<Vec<u8>>,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        if std::mem::take(&mut *self.hangs.lock().unwrap()) {
            return Box::pin(std::future::pending());
        }
        Box::pin(async move { Store::finish(self, key, finish) })
    }
}

#[test]
fn lease_is_ended_once() {
    let stage = Stage::new([]);
    let (store, _, reports) = Reporting::new(&stage);
    let builder = blocking::TokenSource::builder(config()).store(store);
    let source = builder.unwrap().runtime(stage.clone());
    source.build(stage.clone()).token().unwrap();
    assert_eq!(reports.iter().collect::<Vec<_>>(), ["token"]);

    let (store, _, reports) = Reporting::new(&stage);
    let builder = nonblocking::Builder::new(config(), stage.clone()).store(store);
    let source = builder.unwrap().build(stage.clone());
    block_on(source.token()).unwrap();
    drop(source);
    assert_eq!(reports.iter().collect::<Vec<_>>(), ["token"]);
}

// fault: lease-of-a-holder-that-panicked
#[test]
fn thread_whose_transport_panics_gives_its_lease_back() {
    let stage = Stage::new([Answer::Panic]);
    let (store, memory, reports) = Reporting::new(&stage);
    let builder = blocking::TokenSource::builder(config())
        .store(store)
        .unwrap();
    let source = builder.runtime(stage.clone()).build(stage.clone());
    assert!(catch_unwind(AssertUnwindSafe(|| source.token())).is_err());
    drop(source);
    assert_eq!(reports.recv(), Ok("nothing"));
    assert!(matches!(look(&memory), Found::Lease { .. }));
}

type Caller = Pin<Box<dyn Future<Output = Result<AccessToken, TokenError>> + Send>>;

/// A caller that makes the request itself, since the task in the background was dropped unrun.
fn in_line(stage: &Stage, store: Reporting) -> Caller {
    let builder = nonblocking::Builder::new(config(), stage.clone())
        .store(store)
        .unwrap();
    let source = builder.build(stage.clone());
    let mut caller: Caller = Box::pin(async move { source.token().await });
    let mut context = Context::from_waker(Waker::noop());
    assert!(caller.as_mut().poll(&mut context).is_pending());
    stage.run_tasks();
    caller
}

// fault: lease-of-a-cancelled-holder
#[test]
fn cancelled_task_gives_its_lease_back() {
    let stage = Stage::new([]).without_runtime().closed();
    let (store, memory, reports) = Reporting::new(&stage);
    let caller = in_line(&stage, store);
    assert_eq!(stage.requests(), 1);
    assert!(matches!(look(&memory), Found::Taken { .. }));
    drop(caller);
    assert_eq!(reports.recv(), Ok("nothing"));
    assert!(matches!(look(&memory), Found::Lease { .. }));
}

// fault: lease-of-a-cancelled-holder
#[test]
fn task_that_is_cancelled_while_it_stores_its_token_stores_it_in_the_background() {
    let stage = Stage::new([]).without_runtime();
    let (store, memory, reports) = Reporting::new(&stage);
    *store.hangs.lock().unwrap() = true;
    let caller = in_line(&stage, store);
    assert!(matches!(look(&memory), Found::Taken { .. }));
    drop(caller);
    assert_eq!(reports.recv(), Ok("token"));
    assert!(matches!(look(&memory), Found::Entry { .. }));
}

// fault: lease-of-a-cancelled-holder
#[test]
fn lease_of_a_cancelled_task_without_a_runtime_ends_by_itself() {
    let stage = Stage::new([]).without_runtime().closed();
    let (store, memory, reports) = Reporting::new(&stage);
    let builder = nonblocking::Builder::new(config(), stage.clone())
        .store(store)
        .unwrap();
    let source = builder.build(stage.clone());
    let mut caller = Box::pin(source.token());
    let mut context = Context::from_waker(Waker::noop());
    assert!(caller.as_mut().poll(&mut context).is_pending());
    drop(caller);
    drop(source);
    assert!(reports.recv().is_err());
    assert!(matches!(look(&memory), Found::Taken { .. }));
    stage.clock().advance(Duration::from_secs(3));
    assert!(matches!(look(&memory), Found::Lease { .. }));
}
