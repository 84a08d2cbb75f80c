//! Token sources that share a folder.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[allow(dead_code, reason = "each test program uses a part")]
mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use edge_oauth_driver::testing::{Clock, ScriptedTransport, block_on};
use edge_oauth_driver::{blocking, nonblocking};
use edge_oauth_store::{FileStore, StoreThread};
use http::Response;

use common::{Temporary, config};

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

// fault: one-request-per-process
#[test]
fn threads_that_start_at_once_make_one_request_over_files() {
    let (temporary, (transport, count)) = (Temporary::new(), transport());
    let at_once = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            let store = FileStore::open(temporary.path()).unwrap();
            let store = StoreThread::new(store).unwrap();
            let builder = blocking::TokenSource::builder(config("s3cret"))
                .store(store)
                .unwrap();
            let source = builder.build(transport.clone());
            let at_once = &at_once;
            scope.spawn(move || {
                at_once.wait();
                assert_eq!(source.token().unwrap().expose(), "t1");
            });
        }
    });
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

// fault: one-request-per-process
#[test]
fn task_takes_the_token_of_a_thread_and_another_secret_does_not() {
    let (temporary, (transport, count)) = (Temporary::new(), transport());
    let open = || FileStore::open(temporary.path()).unwrap();
    let threads = blocking::TokenSource::builder(config("s3cret"))
        .store(open())
        .unwrap();
    let threads = threads.build(transport.clone());
    assert_eq!(threads.token().unwrap().expose(), "t1");

    let tasks = nonblocking::Builder::new(config("s3cret"), Clock::new());
    let tasks = tasks.store(StoreThread::new(open()).unwrap()).unwrap();
    let tasks = tasks.build(transport.clone());
    assert_eq!(block_on(tasks.token()).unwrap().expose(), "t1");

    let other = blocking::TokenSource::builder(config("other"))
        .store(open())
        .unwrap();
    let other = other.build(transport);
    assert_eq!(other.token().unwrap().expose(), "t2");
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
