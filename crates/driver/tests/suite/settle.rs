//! A program that is about to end waits for what is under way.

use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use edge_oauth_driver::testing::{MemoryStore, block_on};
use edge_oauth_driver::{Options, blocking, nonblocking};
use edge_oauth_no_io::Event;

use crate::stage::{Stage, config, threads_with};

const SECOND: Duration = Duration::from_secs(1);

fn store(stage: &Stage) -> Arc<MemoryStore> {
    let clock = stage.clock().clone();
    Arc::new(MemoryStore::with_clock(move || clock.now()))
}

fn threads(stage: &Stage, store: &Arc<MemoryStore>) -> blocking::TokenSource<Stage> {
    let builder = blocking::TokenSource::builder(config()).store(Arc::clone(store));
    builder.unwrap().runtime(stage.clone()).build(stage.clone())
}

fn tasks(stage: &Stage, store: &Arc<MemoryStore>) -> nonblocking::TokenSource<Stage> {
    let builder = nonblocking::Builder::new(config(), stage.clone());
    builder
        .store(Arc::clone(store))
        .unwrap()
        .build(stage.clone())
}

// fault: refresh-lost-with-its-program
#[test]
fn settle_waits_for_a_refresh_until_it_is_in_the_store() {
    let stage = Stage::new([]);
    let store = store(&stage);
    let (source, task) = (threads(&stage, &store), tasks(&stage, &store));
    assert!(source.settle(Duration::ZERO), "nothing is under way");
    assert_eq!(source.token().unwrap().expose(), "t1");
    assert_eq!(block_on(task.token()).unwrap().expose(), "t1");
    stage.clock().advance(866 * SECOND);
    stage.close();
    assert_eq!(source.token().unwrap().expose(), "t1", "without a wait");
    stage.until_requests(2);
    assert!(!source.settle(Duration::ZERO));

    let settling = thread::spawn(move || source.settle(SECOND));
    stage.until_waiting(1);
    stage.open();
    assert!(settling.join().unwrap());
    let other = threads(&stage, &store);
    assert_eq!(other.token().unwrap().expose(), "t2");
    assert_eq!(stage.requests(), 2);
    assert!(block_on(task.settle(SECOND)), "nothing is under way");
}

// fault: settle-before-a-refresh-runs
#[test]
fn settle_waits_for_a_refresh_that_an_event_has_told_of() {
    let inner: Arc<Mutex<Option<blocking::TokenSource<Stage>>>> = Arc::default();
    let (told, settled) = mpsc::channel();
    let observed = Arc::clone(&inner);
    let options = Options::default().on_event(move |event| {
        let source = observed.lock().unwrap().clone();
        if let (Event::RefreshStarted { .. }, Some(source)) = (event, source) {
            told.send(source.settle(Duration::ZERO)).unwrap();
        }
    });
    let stage = Stage::new([]);
    let source = threads_with(&stage, config(), options);
    *inner.lock().unwrap() = Some(source.clone());
    assert_eq!(source.token().unwrap().expose(), "t1");
    stage.clock().advance(866 * SECOND);
    stage.close();
    assert_eq!(source.token().unwrap().expose(), "t1");
    assert!(!settled.recv().unwrap(), "a refresh is under way");
    stage.open();
    *inner.lock().unwrap() = None;
}

#[test]
fn settle_of_a_task_waits_for_a_refresh() {
    let stage = Stage::new([]);
    let source = tasks(&stage, &store(&stage));
    assert_eq!(block_on(source.token()).unwrap().expose(), "t1");
    stage.clock().advance(866 * SECOND);
    stage.close();
    assert_eq!(block_on(source.token()).unwrap().expose(), "t1");
    stage.until_requests(2);
    assert!(!block_on(source.settle(Duration::ZERO)));
    stage.open();
    assert!(block_on(source.settle(SECOND)));
    assert_eq!(block_on(source.token()).unwrap().expose(), "t2");
}

#[test]
fn settle_does_not_wait_for_the_request_of_another_process() {
    let stage = Stage::new([]);
    let store = store(&stage);
    let (first, second) = (threads(&stage, &store), threads(&stage, &store));
    assert_eq!(first.token().unwrap().expose(), "t1");
    assert_eq!(second.token().unwrap().expose(), "t1");
    stage.clock().advance(866 * SECOND);
    stage.close();
    assert_eq!(first.token().unwrap().expose(), "t1");
    stage.until_requests(2);
    assert_eq!(second.token().unwrap().expose(), "t1");
    stage.until_waiting(1);
    assert!(second.settle(Duration::ZERO));
    assert!(!first.settle(Duration::ZERO));
    stage.open();
}
