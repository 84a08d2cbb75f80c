//! Sources that share a store.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use edge_oauth_driver::testing::{Clock, MemoryStore, ScriptedTransport, block_on};
use edge_oauth_driver::{AsyncStore, BoxFuture, Options, Store, StoreKey, blocking, nonblocking};
use edge_oauth_no_io::{Claim, Claimed, Config, Event, Finish, Moment, StoreError};
use http::Response;

use crate::stage::{Stage, config};

/// A transport that names each token after its request, and their count.
fn transport() -> (ScriptedTransport, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let requests = Arc::clone(&count);
    let transport = ScriptedTransport::new(move |_| {
        let number = requests.fetch_add(1, Ordering::SeqCst) + 1;
        let body = format!(r#"{{"access_token":"t{number}","expires_in":900}}"#);
        Ok(Response::new(body.into_bytes()))
    });
    (transport, count)
}

fn store(clock: &Clock) -> Arc<MemoryStore> {
    let clock = clock.clone();
    Arc::new(MemoryStore::with_clock(move || clock.now()))
}

fn threads(
    clock: &Clock,
    transport: &ScriptedTransport,
    store: impl Store,
) -> blocking::TokenSource<Clock> {
    let builder = blocking::TokenSource::builder(config())
        .store(store)
        .unwrap();
    builder.runtime(clock.clone()).build(transport.clone())
}

fn tasks(
    clock: &Clock,
    transport: &ScriptedTransport,
    store: impl AsyncStore,
) -> nonblocking::TokenSource<Clock> {
    let builder = nonblocking::Builder::new(config(), clock.clone());
    builder.store(store).unwrap().build(transport.clone())
}

// fault: one-request-per-process
#[test]
fn many_sources_make_one_request_per_lifetime() {
    let (clock, (transport, count)) = (Clock::new(), transport());
    let store = store(&clock);
    let threads: Vec<_> = (0..8)
        .map(|_| threads(&clock, &transport, Arc::clone(&store)))
        .collect();
    let tasks: Vec<_> = (0..8)
        .map(|_| tasks(&clock, &transport, Arc::clone(&store)))
        .collect();
    for life in 1..=3 {
        let expected = format!("t{life}");
        for source in &threads {
            assert_eq!(source.token().unwrap().expose(), expected);
        }
        for source in &tasks {
            assert_eq!(block_on(source.token()).unwrap().expose(), expected);
        }
        assert_eq!(count.load(Ordering::SeqCst), life);
        clock.advance(Duration::from_secs(900));
    }
}

// fault: one-request-per-process
#[test]
fn sources_that_start_at_once_make_one_request() {
    let (transport, count) = transport();
    let store = Arc::new(MemoryStore::new());
    let at_once = Barrier::new(16);
    thread::scope(|scope| {
        for _ in 0..16 {
            let builder = blocking::TokenSource::builder(config())
                .store(Arc::clone(&store))
                .unwrap();
            let source = builder.build(transport.clone());
            scope.spawn(|| {
                at_once.wait();
                assert_eq!(source.token().unwrap().expose(), "t1");
                drop(source);
            });
        }
    });
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

// fault: rejected-token-comes-back-from-the-store
#[test]
fn rejected_token_is_requested_anew_once_for_all_sources() {
    let (clock, (transport, count)) = (Clock::new(), transport());
    let store = store(&clock);
    let sources = [(); 4].map(|()| threads(&clock, &transport, Arc::clone(&store)));
    let rejected = sources.each_ref().map(|source| source.token().unwrap());
    clock.advance(Duration::from_secs(60));
    for (source, token) in sources.iter().zip(&rejected) {
        source.invalidate(token);
        assert_eq!(source.token().unwrap().expose(), "t2");
    }
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

/// A store that is away.
struct Broken;

impl Broken {
    fn fail<T>(&self) -> Result<T, StoreError> {
        Err(StoreError::new("away"))
    }
}

impl Store for Broken {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        Store::key(&MemoryStore::new(), config)
    }

    fn claim(&self, _: &StoreKey, _: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        self.fail()
    }

    fn finish(&self, _: &StoreKey, _: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        self.fail()
    }
}

/// A store that never says anything, and reports that it was asked.
struct Silent(Mutex<Sender<()>>);

impl AsyncStore for Silent {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        Store::key(&MemoryStore::new(), config)
    }

    fn claim<'a>(
        &'a self,
        _: &'a StoreKey,
        _: &'a Claim,
    ) -> BoxFuture<'a, Result<Claimed<Vec<u8>>, StoreError>> {
        let mut reports = true;
        Box::pin(poll_fn(move |_| {
            if std::mem::take(&mut reports) {
                self.0.lock().unwrap().send(()).unwrap();
            }
            Poll::Pending
        }))
    }

    fn finish<'a>(
        &'a self,
        _: &'a StoreKey,
        _: Finish<Vec<u8>>,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(std::future::pending())
    }
}

// fault: store-is-gone
#[test]
fn store_that_is_away_costs_no_token_and_is_reported() {
    let (clock, (transport, count)) = (Clock::new(), transport());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let options = Options::default().on_event(move |event| {
        if let Event::StoreFailed { error, .. } = event {
            log.lock().unwrap().push(error.to_string());
        }
    });
    let builder = blocking::TokenSource::builder(config())
        .store(Broken)
        .unwrap();
    let source = builder
        .options(options)
        .runtime(clock.clone())
        .build(transport);
    assert_eq!(source.token().unwrap().expose(), "t1");
    assert_eq!(*seen.lock().unwrap(), ["the shared store failed: away"]);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

// fault: store-hangs
#[test]
fn silent_store_is_given_up_after_its_time() {
    let (clock, (transport, count)) = (Clock::manual(), transport());
    let (sender, asked) = channel();
    let source = tasks(&clock, &transport, Silent(Mutex::new(sender)));
    let asking = thread::spawn(move || block_on(source.token()).unwrap().expose().to_owned());
    asked.recv().unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 0);
    clock.advance(Duration::from_millis(100));
    assert_eq!(asking.join().unwrap(), "t1");
}

/// Runs no task in the background, so that each caller makes its request itself.
struct InLine(Clock);

impl nonblocking::Runtime for InLine {
    fn now(&self) -> Moment {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        nonblocking::Runtime::sleep(&self.0, duration)
    }

    fn spawn(&self, _: BoxFuture<'static, ()>) {}
}

/// Asks in a thread, and gets no response while the stage is closed. Returns when its token is in the store.
fn asks_first(stage: &Stage, store: &Arc<MemoryStore>) -> JoinHandle<()> {
    let builder = blocking::TokenSource::builder(config()).store(Arc::clone(store));
    let source = builder.unwrap().runtime(stage.clone()).build(stage.clone());
    let asks = thread::spawn(move || {
        source.token().unwrap();
        assert!(source.settle(Duration::ZERO));
    });
    stage.until_requests(1);
    asks
}

fn in_line(stage: &Stage, store: Arc<MemoryStore>) -> nonblocking::Builder<InLine> {
    let builder = nonblocking::Builder::new(config(), InLine(stage.clock().clone()));
    builder.store(store).unwrap()
}

// fault: one-request-per-process
#[test]
fn task_waits_for_the_token_of_another_process_in_one_acquisition() {
    let stage = Stage::new([]).closed();
    let store = store(stage.clock());
    let first = asks_first(&stage, &store);
    let (event, events) = channel();
    let options = Options::default().on_event(move |happened| drop(event.send(happened.clone())));
    let second = in_line(&stage, store).options(options).build(stage.clone());
    let mut caller = Box::pin(second.token());
    let mut context = Context::from_waker(Waker::noop());
    assert!(caller.as_mut().poll(&mut context).is_pending());
    stage.open();
    first.join().unwrap();
    stage.clock().advance(Duration::from_secs(1));
    let Poll::Ready(token) = caller.as_mut().poll(&mut context) else {
        panic!("the token is in the store");
    };
    assert_eq!(token.unwrap().expose(), "t1");
    assert_eq!(stage.requests(), 1);
    let is_lost = |event: &Event| matches!(event, Event::Cancelled);
    assert_eq!(events.try_iter().filter(is_lost).count(), 1, "by `InLine`");
}

// fault: refresh-lost-with-its-program
#[test]
fn settle_waits_for_a_request_that_waited_for_another_process() {
    let stage = Stage::new([]).closed();
    let store = store(stage.clock());
    let first = asks_first(&stage, &store);
    let second = in_line(&stage, store).build(stage.clone());
    let mut caller = Box::pin(second.token());
    let mut context = Context::from_waker(Waker::noop());
    assert!(caller.as_mut().poll(&mut context).is_pending());
    assert!(block_on(second.settle(Duration::ZERO)), "it only waits");
    // The lease of the first ends.
    stage.clock().advance(Duration::from_secs(3));
    assert!(caller.as_mut().poll(&mut context).is_pending());
    assert_eq!(stage.requests(), 2);
    assert!(!block_on(second.settle(Duration::ZERO)));
    stage.open();
    block_on(caller).unwrap();
    assert!(block_on(second.settle(Duration::ZERO)));
    first.join().unwrap();
}
