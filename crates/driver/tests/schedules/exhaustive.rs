//! Every schedule of two threads, and every value that a weak memory may show them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use edge_oauth_no_io::{
    Acquisition, Caller, Completion, Config, Keeper, Moment, Policy, Secret, SecretBytes, Snapshot,
    Step,
};
use http::Response;
use loom::model::Builder;
use loom::thread;

use crate::cache::Cache;
use crate::notify::{Notified, Notify};
use crate::options::Options;
use crate::shared::Shared;
use crate::sync::Mutex;
use crate::sync::for_loom::{HAS_ONE_SLOT, IS_RELAXED};
use crate::testing::block_on;

const NOW: Moment = Moment {
    monotonic: Duration::from_secs(3600),
    wall: Duration::from_secs(1_800_000_000),
};

/// Tries every schedule. `--show-output` shows how many there are.
fn every(schedule: impl Fn() + Send + Sync + 'static) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = {
        let count = Arc::clone(&count);
        move || {
            count.fetch_add(1, Ordering::Relaxed);
            schedule();
        }
    };
    let mut builder = Builder::new();
    builder.max_branches = 100_000;
    builder.check(counted);
    eprintln!("{} schedules", count.load(Ordering::Relaxed));
}

/// Returns what the first schedule says that fails.
fn find(schedule: impl Fn() + Send + Sync + 'static) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| every(schedule))).unwrap_err();
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default()
}

/// The order of a change and its notification.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    ChangeFirst,
    NotifyFirst,
}

/// The protocol of the driver: a caller takes a wait, looks, and waits if there is nothing yet.
fn change(wait: fn(Notified), order: Order) {
    let (state, notify) = (Arc::new(Mutex::new(false)), Notify::default());
    let caller = {
        let (state, notify) = (Arc::clone(&state), notify.clone());
        thread::spawn(move || {
            loop {
                let notified = notify.notified();
                if *state.lock().unwrap() {
                    return;
                }
                wait(notified);
            }
        })
    };
    if order == Order::NotifyFirst {
        notify.notify_all();
    }
    *state.lock().unwrap() = true;
    if order == Order::ChangeFirst {
        notify.notify_all();
    }
    caller.join().unwrap();
}

fn as_thread(notified: Notified) {
    notified.wait(Duration::MAX);
}

fn as_task(notified: Notified) {
    block_on(notified);
}

#[test]
fn waiting_thread_sees_every_change() {
    every(|| change(as_thread, Order::ChangeFirst));
}

#[test]
fn waiting_task_sees_every_change() {
    every(|| change(as_task, Order::ChangeFirst));
}

#[test]
fn notification_before_its_change_is_found() {
    for wait in [as_thread, as_task] {
        let found = find(move || change(wait, Order::NotifyFirst));
        assert!(found.contains("deadlock"), "{found}");
    }
}

#[test]
fn wait_that_is_dropped_takes_no_notification_from_another() {
    for wait in [as_thread, as_task] {
        every(move || {
            let notify = Notify::default();
            let (mut dropped, other) = (notify.notified(), notify.notified());
            // It has a waker to take back.
            let mut context = Context::from_waker(Waker::noop());
            assert!(Pin::new(&mut dropped).poll(&mut context).is_pending());
            let leaving = thread::spawn(move || drop(dropped));
            let notifying = thread::spawn(move || notify.notify_all());
            wait(other);
            leaving.join().unwrap();
            notifying.join().unwrap();
        });
    }
}

fn config() -> Config {
    let builder = Config::builder("https://login.example/token", "id");
    builder
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap()
}

/// Hands a response with this token to an acquisition.
fn respond(acquisition: &mut Acquisition, token: &str, now: Moment) {
    let _ = acquisition.poll(now, [0; 16]);
    let body = format!(r#"{{"access_token":"{token}","expires_in":900}}"#);
    let body = SecretBytes::new(body.into_bytes());
    acquisition.handle(Completion::Response(Response::new(body)), now);
}

/// When a caller takes its wait.
#[derive(Clone, Copy, PartialEq)]
enum Taken {
    BeforeItLooks,
    AfterItLooks,
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A caller waits for the request of another, which ends.
fn end_of_a_request(taken: Taken) {
    let shared = Shared::new(config(), Options::default().seed(7), None);
    let Step::Send(mut acquisition) = shared.poll(&mut Caller::new(), NOW) else {
        panic!("no token is cached yet")
    };
    respond(&mut acquisition, "t1", NOW);
    let caller = {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            if shared.cached(NOW).is_some() {
                return None;
            }
            let mut notified = shared.notified();
            match shared.poll(&mut Caller::new(), NOW) {
                Step::Use(_) => return None,
                Step::Wait { .. } => {}
                _ => panic!("a request is in flight"),
            }
            if taken == Taken::AfterItLooks {
                notified = shared.notified();
            }
            let woken = Arc::new(Woken::default());
            let waker = Waker::from(Arc::clone(&woken));
            let polled = Pin::new(&mut notified).poll(&mut Context::from_waker(&waker));
            polled.is_pending().then_some((woken, notified))
        })
    };
    shared.finish(acquisition, NOW);
    if let Some((woken, _notified)) = caller.join().unwrap() {
        assert_eq!(woken.0.load(Ordering::Relaxed), 1, "wake-ups of a caller");
    }
    assert_eq!(shared.cached(NOW).unwrap().expose(), "t1");
}

#[test]
fn caller_is_woken_by_the_end_of_the_request_that_it_waits_for() {
    every(|| end_of_a_request(Taken::BeforeItLooks));
}

#[test]
fn wait_that_is_taken_too_late_is_found() {
    let found = find(|| end_of_a_request(Taken::AfterItLooks));
    assert!(found.contains("wake-ups of a caller"), "{found}");
}

fn snapshots() -> [Snapshot; 2] {
    let mut keeper = Keeper::new(config(), Policy::default(), 7);
    ["t1", "t2"].map(|token| {
        let now = match keeper.snapshot() {
            Some(_) => NOW.after(Duration::from_secs(860)),
            None => NOW,
        };
        let mut acquisition: Acquisition = match keeper.poll(now) {
            Step::Send(acquisition) | Step::Refresh { acquisition, .. } => acquisition,
            _ => panic!("a token is due"),
        };
        respond(&mut acquisition, token, now);
        keeper.finish(acquisition, now);
        keeper.snapshot().unwrap()
    })
}

fn read(cache: &Cache) -> Option<String> {
    cache.get(NOW).map(|token| token.expose().to_owned())
}

/// One thread publishes while another reads. `is_read` says whether the reader has a slot already.
fn publication(first: &Snapshot, second: &Snapshot, is_read: bool) {
    let cache = Arc::new(Cache::new());
    cache.set(Some(first.copy()));
    let reader = {
        let cache = Arc::clone(&cache);
        thread::spawn(move || {
            if is_read {
                read(&cache);
            }
            let tokens = [(); 2].map(|()| read(&cache).unwrap());
            // A newer token is never followed by an older one.
            assert!(tokens.is_sorted(), "{tokens:?}");
            read(&cache)
        })
    };
    cache.set(Some(second.copy()));
    assert_eq!(read(&cache).unwrap(), "t2");
    reader.join().unwrap();
    assert_eq!(read(&cache).unwrap(), "t2");
}

#[test]
fn published_token_reaches_every_reader() {
    for is_read in [false, true] {
        for has_one_slot in [false, true] {
            HAS_ONE_SLOT.set(has_one_slot);
            let [first, second] = snapshots();
            every(move || publication(&first, &second, is_read));
        }
    }
    HAS_ONE_SLOT.set(false);
}

/// Two threads read one slot for the first time.
fn first_reads(snapshot: &Snapshot) {
    let cache = Arc::new(Cache::new());
    cache.set(Some(snapshot.copy()));
    let other = Arc::clone(&cache);
    let reader = thread::spawn(move || read(&other));
    assert_eq!(read(&cache).unwrap(), "t1");
    assert_eq!(reader.join().unwrap().unwrap(), "t1");
}

#[test]
fn slot_that_two_threads_make_is_one_slot() {
    HAS_ONE_SLOT.set(true);
    let [first, _] = snapshots();
    every(move || first_reads(&first));
    HAS_ONE_SLOT.set(false);
}

#[test]
fn slot_without_an_ordering_is_found() {
    HAS_ONE_SLOT.set(true);
    IS_RELAXED.set(true);
    let [first, _] = snapshots();
    let found = find(move || first_reads(&first));
    IS_RELAXED.set(false);
    HAS_ONE_SLOT.set(false);
    assert!(found.contains("Causality violation"), "{found}");
}
