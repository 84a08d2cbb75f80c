//! Nothing of a token is left in memory once a shared response and its seal are gone. One test, since another one beside
//! it would have copies of its own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;
#[path = "../../no-io/tests/wiped/scan.rs"]
mod scan;

use std::hint::black_box;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use edge_oauth_driver::Store;
use edge_oauth_no_io::{AccessToken, Finish, Found, Secret, Share, SharedResponse, token_response};
use edge_oauth_store::FileStore;

use common::{Temporary, claim, config};
use scan::{Planted, Scan, mask};

const TOKEN: Planted = Planted::new(
    "the token",
    const {
        &mask(*b"Zu7NkPw3GhJd9SxMb2QvLf5RtYc8EaKo1WiHn4UzXq6DgBj0OyTlCs3VmFp7IrAe9Kx5Pq1Lw8Zn4Rb2Tv6Jy0Gd3Hs7MfXY")
    },
);

#[test]
fn shared_token_leaves_no_copy() {
    let temporary = Temporary::new();
    let store = FileStore::open(temporary.path()).unwrap();
    let mut scan = Scan::new();
    scan.assert_gone(&[&TOKEN], "nothing was planted yet");

    let (shared, store) = elsewhere(move || (shared(), store));
    assert!(scan.copies(&TOKEN) > 0, "the response has it");
    let store = elsewhere(move || {
        finish(&store, shared);
        store
    });
    scan.assert_gone(&[&TOKEN], "a response that was sealed and stored");

    let token = elsewhere(move || read(&store));
    assert!(scan.copies(&TOKEN) > 0, "the token that was read has it");
    drop(token);
    scan.assert_gone(&[&TOKEN], "a response that was opened and read");
}

fn shared() -> SharedResponse {
    let mut text = String::with_capacity(128);
    TOKEN.write(&mut text);
    let text = Secret::new(text);
    let token = AccessToken::new(text.expose(), None, Some("read")).unwrap();
    let shared =
        SharedResponse::new(&config("s3cret"), Duration::from_secs(1), &Ok(token)).unwrap();
    black_box(format!("{shared:?}"));
    SharedResponse::from_bytes(shared.to_bytes().as_ref()).unwrap()
}

fn finish(store: &FileStore, response: SharedResponse) {
    let key = store.key(&config("s3cret")).unwrap();
    let Found::Lease { number } = store.claim(&key, &claim()).unwrap().found else {
        panic!("the store is empty");
    };
    let timeout = claim().timeout;
    let share = Share::Token {
        response,
        keep: timeout,
    };
    let sealed = key.seal(Finish {
        number,
        share,
        timeout,
    });
    assert!(store.finish(&key, sealed.unwrap()).unwrap());
}

fn read(store: &FileStore) -> AccessToken {
    let key = store.key(&config("s3cret")).unwrap();
    let claimed = key.open(store.claim(&key, &claim()).unwrap());
    let Found::Entry {
        response: Some(response),
        ..
    } = claimed.found
    else {
        panic!("no token");
    };
    token_response(&config("s3cret"), &response.response(claimed.now)).unwrap()
}

/// Runs on a thread that lives on, deep in its stack, so that nothing writes over what is left there.
fn elsewhere<T: Send + 'static>(play: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, receive) = mpsc::sync_channel(1);
    thread::spawn(move || {
        send.send(deep(play)).unwrap();
        loop {
            thread::park();
        }
    });
    receive.recv().unwrap()
}

#[inline(never)]
fn deep<T>(play: impl FnOnce() -> T) -> T {
    let above = [0_u8; 64 * 1024];
    let outcome = play();
    black_box(&above);
    outcome
}
