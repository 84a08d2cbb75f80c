//! Callers at once, over both loops. Each scenario checks the promises from outside.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use edge_oauth_no_io::Event;
use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::atomic::{AtomicBool, Ordering};

use crate::options::Options;
use crate::schedules::check::explore;
use crate::schedules::seeded::Seeded;
use crate::schedules::server::{Reply, Server};
use crate::schedules::source::{Kind, Scene, Source, config};
use crate::schedules::store::FaultyStore;
use crate::schedules::world::{Job, World};
use crate::testing::{Clock, ScriptedTransport, block_on};
use crate::{blocking, nonblocking};

macro_rules! scenarios {
    ($($name:ident)*) => {
        mod threads {
            $(#[test]
            fn $name() {
                let name = concat!(module_path!(), "::", stringify!($name));
                super::explore(name, || super::$name(super::Kind::Threads, super::Seeded::Nothing));
            })*
        }

        mod tasks {
            $(#[test]
            fn $name() {
                let name = concat!(module_path!(), "::", stringify!($name));
                super::explore(name, || super::$name(super::Kind::Tasks, super::Seeded::Nothing));
            })*
        }
    };
}

scenarios! {
    cold
    refresh
    forced_refresh
    failed_refresh
    rejected
    fault
    permanent_error
    cancelled
    cancelled_in_line
    lost_jobs
    lapsed
    replaced_config
    panicking_transport
    store
    faulty_store
    panic_with_a_lease
    observer_that_calls_back
    dropped_source
    callers_that_only_look
    settled
    clock_of_a_test
}

const SECOND: Duration = Duration::from_secs(1);

/// After this time the first token is due and valid.
const DUE: Duration = Duration::from_secs(820);

/// A scene in which no wait has to end by itself. In half of the schedules the threads wait as those of the standard
/// library do.
fn timeless(kind: Kind, seeded: Seeded) -> Scene {
    let world = World::new(seeded);
    let world = match kind {
        Kind::Threads if thread_rng().gen_bool(0.5) => world.timeless(),
        _ => world,
    };
    Scene::new(kind, world, [])
}

impl Scene {
    /// Caches the first token, and lets this much time pass.
    fn with_token(self, age: Duration) -> Self {
        let source = self.source.clone();
        self.world.run([Box::new(move || {
            assert_eq!(source.token().unwrap().expose(), "t1");
        }) as Job]);
        self.world.advance(age);
        self
    }

    /// Checks how many requests there were, and that no more time passed than this.
    #[track_caller]
    fn expect(&self, requests: usize, began: Duration, at_most: Duration) {
        let took = self.world.time().monotonic - began;
        assert!(took <= at_most, "too much time passed: {took:?}");
        assert_eq!(self.server.requests(), requests, "requests");
    }

    fn began(&self) -> Duration {
        self.world.time().monotonic
    }
}

pub(crate) fn cold(kind: Kind, seeded: Seeded) {
    let scene = timeless(kind, seeded);
    let began = scene.began();
    scene.run_all(3, |scene| assert_eq!(scene.ask().unwrap().expose(), "t1"));
    scene.expect(1, began, Duration::ZERO);
}

pub(crate) fn refresh(kind: Kind, seeded: Seeded) {
    let scene = timeless(kind, seeded).with_token(DUE);
    let began = scene.began();
    scene.run_all(1, |scene| drop(scene.ask().unwrap()));
    scene.run_all(3, |scene| drop(scene.ask().unwrap()));
    scene.run_all(1, |scene| assert_eq!(scene.ask().unwrap().expose(), "t2"));
    scene.expect(2, began, Duration::ZERO);
}

pub(crate) fn forced_refresh(kind: Kind, seeded: Seeded) {
    let scene = Scene::new(kind, World::new(seeded), []).with_token(10 * SECOND);
    let began = scene.began();
    let refresh = |scene: Scene| assert_ne!(scene.source.refresh().unwrap().expose(), "t1");
    let ask = |scene: Scene| drop(scene.ask().unwrap());
    let world = scene.world.clone();
    world.run([scene.job(refresh), scene.job(refresh), scene.job(ask)]);
    // The second may have come when the first had its token.
    let requests = scene.server.requests();
    assert!((2..=3).contains(&requests), "{requests} requests");
    scene.expect(requests, began, 2 * SECOND);
}

pub(crate) fn failed_refresh(kind: Kind, seeded: Seeded) {
    let scene = timeless(kind, seeded).with_token(DUE);
    scene.server.reply(Reply::Fault);
    let began = scene.began();
    scene.run_all(1, |scene| drop(scene.ask().unwrap()));
    scene.run_all(3, |scene| assert_eq!(scene.ask().unwrap().expose(), "t1"));
    scene.expect(2, began, Duration::ZERO);
}

pub(crate) fn rejected(kind: Kind, seeded: Seeded) {
    let scene = timeless(kind, seeded).with_token(10 * SECOND);
    let began = scene.began();
    let token = scene.source.try_token().unwrap();
    scene.run_all(4, move |scene| {
        scene.reject(&token);
        assert_eq!(scene.ask().unwrap().expose(), "t2");
    });
    scene.expect(2, began, Duration::ZERO);
}

pub(crate) fn fault(kind: Kind, seeded: Seeded) {
    let scene = Scene::new(kind, World::new(seeded), [Reply::Fault]);
    let began = scene.began();
    scene.run_all(3, |scene| assert_eq!(scene.ask().unwrap().expose(), "t2"));
    scene.expect(2, began, 3 * SECOND);
}

pub(crate) fn permanent_error(kind: Kind, seeded: Seeded) {
    let scene = Scene::new(kind, World::new(seeded), [Reply::Denied]);
    let began = scene.began();
    scene.run_all(3, |scene| assert!(!scene.ask().unwrap_err().is_transient()));
    scene.expect(1, began, Duration::ZERO);
}

pub(crate) fn cancelled(kind: Kind, seeded: Seeded) {
    let scene = Scene::new(kind, World::new(seeded), []);
    scene.world.run_jobs(seeded != Seeded::LostJobs);
    let began = scene.began();
    let polls = thread_rng().gen_range(1..4);
    let leave = move |scene: Scene| scene.ask_and_leave(polls);
    let ask = |scene: Scene| drop(scene.ask().unwrap());
    let world = scene.world.clone();
    world.run([
        scene.job(leave),
        scene.job(leave),
        scene.job(ask),
        scene.job(ask),
    ]);
    scene.expect(1, began, SECOND);
}

/// Without a runtime a task makes the request itself, and the next one if that task goes away.
pub(crate) fn cancelled_in_line(kind: Kind, seeded: Seeded) {
    let scene = Scene::new(kind, World::new(seeded), []);
    scene.world.run_jobs(false);
    let began = scene.began();
    let polls = thread_rng().gen_range(1..4);
    let leave = move |scene: Scene| scene.ask_and_leave(polls);
    let ask = |scene: Scene| drop(scene.ask().unwrap());
    let world = scene.world.clone();
    world.run([scene.job(leave), scene.job(ask), scene.job(ask)]);
    let requests = scene.server.requests();
    assert!((1..=2).contains(&requests), "{requests} requests");
    scene.expect(requests, began, SECOND);
}

pub(crate) fn lost_jobs(kind: Kind, seeded: Seeded) {
    let scene = Scene::new(kind, World::new(seeded), []);
    scene.world.run_jobs(false);
    let began = scene.began();
    scene.run_all(3, |scene| {
        // A thread with so little time has a request made in the background.
        let token = scene.watched(|| scene.source.token_within(5 * SECOND));
        assert_eq!(token.unwrap().expose(), "t1");
    });
    scene.expect(1, began, Duration::ZERO);
}

pub(crate) fn lapsed(kind: Kind, seeded: Seeded) {
    let scene = Scene::new(kind, World::new(seeded), [Reply::Slow(25 * SECOND)]);
    // The request that outlives its timeout is one of them.
    scene.server.allow(2);
    let began = scene.began();
    scene.run_all(3, |scene| drop(scene.ask().unwrap()));
    scene.expect(2, began, 25 * SECOND);
}

pub(crate) fn replaced_config(kind: Kind, seeded: Seeded) {
    let scene = Scene::new(kind, World::new(seeded), []);
    // One request of each configuration.
    scene.server.allow(2);
    let began = scene.began();
    let ask = |scene: Scene| drop(scene.ask().unwrap());
    let replace = |scene: Scene| {
        scene.forget();
        if scene.world.seeded() != Seeded::LostRotation {
            scene.source.replace_config(config("rotated"));
        }
    };
    let world = scene.world.clone();
    world.run([scene.job(ask), scene.job(ask), scene.job(replace)]);
    scene.run_all(1, |scene| drop(scene.source.refresh().unwrap()));
    assert_eq!(scene.server.secret(), "rotated", "the secret of a request");
    let requests = scene.server.requests();
    assert!((2..=3).contains(&requests), "{requests} requests");
    scene.expect(requests, began, 3 * SECOND);
}

pub(crate) fn panicking_transport(kind: Kind, seeded: Seeded) {
    let scene = Scene::new(kind, World::new(seeded), [Reply::Panic]);
    let began = scene.began();
    let panics = Arc::new(Mutex::new(0));
    let count = Arc::clone(&panics);
    scene.run_all(3, move |scene| match scene.ask_or_panic() {
        Some(token) => assert_eq!(token.unwrap().expose(), "t2"),
        None => *count.lock().unwrap() += 1,
    });
    let expected = usize::from(kind == Kind::Threads);
    assert_eq!(*panics.lock().unwrap(), expected, "callers with the panic");
    scene.run_all(1, |scene| assert_eq!(scene.ask().unwrap().expose(), "t2"));
    scene.expect(2, began, 3 * SECOND);
}

/// Two sources on one store, as two processes are.
fn processes(kind: Kind, seeded: Seeded, store: impl Fn(&World) -> FaultyStore) -> [Scene; 2] {
    let world = World::new(seeded);
    let server = Server::new(&world, []);
    let shared = store(&world);
    [(); 2].map(|()| {
        let store = match seeded {
            Seeded::TwoStores => store(&world),
            _ => shared.clone(),
        };
        let source = Source::new(kind, &server, &world, Options::default(), Some(store));
        Scene::with(kind, world.clone(), server.clone(), source)
    })
}

pub(crate) fn store(kind: Kind, seeded: Seeded) {
    let scenes = processes(kind, seeded, FaultyStore::new);
    let began = scenes[0].began();
    let ask = |scene: Scene| {
        assert_eq!(scene.ask().unwrap().expose(), "t1");
        assert!(scene.source.settle(10 * SECOND));
    };
    let world = scenes[0].world.clone();
    world.run([scenes[0].job(ask), scenes[0].job(ask), scenes[1].job(ask)]);
    scenes[0].expect(1, began, 3 * SECOND);
}

pub(crate) fn faulty_store(kind: Kind, seeded: Seeded) {
    let scenes = processes(kind, seeded, |world| FaultyStore::new(world).faulty());
    scenes[0].server.allow(2);
    let began = scenes[0].began();
    let ask = |scene: Scene| {
        drop(scene.ask().unwrap());
        assert!(scene.source.settle(20 * SECOND));
    };
    let world = scenes[0].world.clone();
    world.run([scenes[0].job(ask), scenes[0].job(ask), scenes[1].job(ask)]);
    let requests = scenes[0].server.requests();
    assert!((1..=2).contains(&requests), "{requests} requests");
    scenes[0].expect(requests, began, 6 * SECOND);
}

/// The lease of a request that panics goes back to the store, so that no process waits until it ends.
pub(crate) fn panic_with_a_lease(kind: Kind, seeded: Seeded) {
    let scenes = processes(kind, seeded, FaultyStore::new);
    scenes[0].server.reply(Reply::Panic);
    let began = scenes[0].began();
    let ask = |scene: Scene| {
        if let Some(token) = scene.ask_or_panic() {
            assert_eq!(token.unwrap().expose(), "t2");
        }
    };
    let world = scenes[0].world.clone();
    world.run([scenes[0].job(ask), scenes[0].job(ask), scenes[1].job(ask)]);
    scenes[0].expect(2, began, 2 * SECOND);
}

pub(crate) fn observer_that_calls_back(kind: Kind, seeded: Seeded) {
    let world = World::new(seeded);
    let server = Server::new(&world, [Reply::Token, Reply::Fault]);
    let names = Arc::new(Mutex::new(Vec::new()));
    let inner: Arc<Mutex<Option<Source>>> = Arc::default();
    let is_told = Arc::new(AtomicBool::new(false));
    let observer = {
        let (names, inner) = (Arc::clone(&names), Arc::clone(&inner));
        move |event: &Event| {
            assert!(!is_told.swap(true, Ordering::SeqCst), "two events at once");
            let name = format!("{event:?}");
            let name = name.split([' ', '{']).next().unwrap().to_owned();
            let is_first = {
                let mut names = names.lock().unwrap();
                names.push(name);
                names.len() == 1
            };
            let source = inner.lock().unwrap().clone();
            let token = source.as_ref().and_then(Source::try_token);
            if let (true, Some(source), Some(token)) = (is_first, source, token) {
                assert_eq!(source.token().unwrap().expose(), "t1");
                source.invalidate(&token);
            }
            is_told.store(false, Ordering::SeqCst);
        }
    };
    let options = Options::default().on_event(observer);
    let source = Source::new(kind, &server, &world, options, None);
    *inner.lock().unwrap() = Some(source.clone());
    let scene = Scene::with(kind, world, server, source);
    scene.run_all(3, |scene| {
        // The observer rejects the first token, at any time.
        drop(scene.source.token().unwrap());
    });
    scene.world.advance(5 * SECOND);
    scene.run_all(1, |scene| {
        assert_eq!(scene.source.token().unwrap().expose(), "t3")
    });
    *inner.lock().unwrap() = None;
    let mut names = names.lock().unwrap().clone();
    names.retain(|name| name != "Waiting");
    assert_eq!(names, ["Fetched", "Invalidated", "Failed", "Fetched"]);
}

pub(crate) fn dropped_source(kind: Kind, seeded: Seeded) {
    let scene = timeless(kind, seeded).with_token(DUE);
    let (world, server) = (scene.world.clone(), scene.server.clone());
    if seeded == Seeded::LeakedSource {
        std::mem::forget(scene.source.clone());
    }
    let jobs = [(); 2].map(|()| scene.job(|scene| drop(scene.ask().unwrap())));
    drop(scene);
    world.run(jobs);
    assert_eq!(server.requests(), 2, "requests");
    assert_eq!(server.handles(), 1, "the source is still there");
}

pub(crate) fn callers_that_only_look(kind: Kind, seeded: Seeded) {
    let scene = timeless(kind, seeded);
    let began = scene.began();
    scene.run_all(3, |scene| {
        for _ in 0..2 {
            let token = scene.source.try_token();
            assert!(token.is_none_or(|token| token.expose() == "t1"));
        }
        assert_eq!(scene.world.waits(), 0, "a caller waited");
    });
    let token = scene.source.try_token();
    assert_eq!(token.unwrap().expose(), "t1");
    scene.expect(1, began, Duration::ZERO);
}

pub(crate) fn settled(kind: Kind, seeded: Seeded) {
    let scene = Scene::new(kind, World::new(seeded), []).with_token(DUE);
    scene.server.reply(Reply::Slow(SECOND));
    let began = scene.began();
    scene.run_all(2, |scene| {
        drop(scene.ask().unwrap());
        let time = match scene.world.seeded() {
            Seeded::HastyEnd => SECOND / 2,
            _ => 2 * SECOND,
        };
        scene.source.settle(time);
        let token = scene.source.try_token().unwrap();
        assert_eq!(token.expose(), "t2", "the token at the end");
    });
    scene.expect(2, began, SECOND);
}

/// The clock that a program's own tests use moves on by itself.
pub(crate) fn clock_of_a_test(kind: Kind, _: Seeded) {
    let clock = Clock::new();
    let mut requests = 0;
    let transport = ScriptedTransport::new(move |_| {
        requests += 1;
        let status = if requests == 1 { 503 } else { 200 };
        let body = format!(r#"{{"access_token":"t{requests}","expires_in":900}}"#);
        let response = http::Response::builder().status(status);
        Ok(response.body(body.into_bytes()).unwrap())
    });
    let began = clock.now();
    let options = Options::default().seed(7);
    // One caller, beside a request in the background.
    let token = match kind {
        Kind::Threads => {
            let builder = blocking::TokenSource::builder(config("s3cret")).options(options);
            let source = builder.runtime(clock.clone()).build(transport);
            assert!(source.try_token().is_none());
            source.token()
        }
        Kind::Tasks => {
            let builder = nonblocking::Builder::new(config("s3cret"), clock.clone());
            let source = builder.options(options).build(transport);
            block_on(source.token())
        }
    };
    assert_eq!(token.unwrap().expose(), "t2");
    let took = clock.now().monotonic - began.monotonic;
    assert!(took > Duration::ZERO && took < 3 * SECOND, "{took:?}");
}
