//! Nothing of a secret or a token is left in memory once a source and its callers are gone, and nothing of
//! a refused token once its callers have the next one. One test, since another one beside it would have
//! copies of its own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../no-io/tests/wiped/scan.rs"]
mod scan;

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use edge_oauth_driver::testing::{Clock, ScriptedTransport, block_on};
use edge_oauth_driver::{blocking, nonblocking};
use edge_oauth_no_io::{AccessToken, Config, Secret};
use http::Response;

use scan::{Planted, Scan, mask};

const SECRET: Planted = Planted::new(
    "the secret",
    const {
        &mask(*b"Rf9SdKp2XwUn5GmYt7BqHv3LzJc8EaOi4WrNk1QxPg6DbTs0VlCy2MfZo9JuIe7Ah5Tn3Wk8Rb4Sx6Qv1Ld0Gp7Hm2Ye5Nc9")
    },
);
const FIRST: Planted = Planted::new(
    "the first token",
    const {
        &mask(*b"Zu7NkPw3GhJd9SxMb2QvLf5RtYc8EaKo1WiHn4UzXq6DgBj0OyTlCs3VmFp7IrAe9Kx5Pq1Lw8Zn4Rb2Tv6Jy0Gd3Hs7MfY")
    },
);
const SECOND: Planted = Planted::new(
    "the second token",
    const {
        &mask(*b"Qm4vTz81XcLp0RwYs6HnUe3KaJd9BfGi7OqWtMx2VbNrPy5ZlCkDh4SgEjFuAo1Iw8Tv6Xz0Qs3Lp7Rm9Yd2Hb5Ke4Gc1NfW")
    },
);
const ALL: [&Planted; 3] = [&SECRET, &FIRST, &SECOND];

/// The methods that sources for threads and for tasks have in common.
trait Source: Send {
    fn token(&self) -> AccessToken;
    fn invalidate(&self, token: &AccessToken);
}

impl Source for blocking::TokenSource<Clock> {
    fn token(&self) -> AccessToken {
        self.token().unwrap()
    }

    fn invalidate(&self, token: &AccessToken) {
        self.invalidate(token);
    }
}

impl Source for nonblocking::TokenSource<Clock> {
    fn token(&self) -> AccessToken {
        block_on(self.token()).unwrap()
    }

    fn invalidate(&self, token: &AccessToken) {
        self.invalidate(token);
    }
}

#[test]
fn dropped_source_leaves_no_secret_in_memory() {
    let mut scan = Scan::new();
    for is_blocking in [true, false] {
        let clock = Clock::new();
        let transport = transport();
        let source: Box<dyn Source> = match is_blocking {
            true => Box::new(
                blocking::TokenSource::builder(config())
                    .runtime(clock.clone())
                    .build(transport),
            ),
            false => Box::new(nonblocking::Builder::new(config(), clock.clone()).build(transport)),
        };
        let turn = Arc::new(Barrier::new(2));
        let caller = thread::spawn({
            let turn = Arc::clone(&turn);
            move || call(source, &clock, &turn)
        });

        turn.wait();
        assert!(scan.copies(&FIRST) > 1, "the thread has a copy of its own");
        assert!(scan.copies(&SECRET) > 0, "the source has it");
        turn.wait();

        turn.wait();
        scan.assert_gone(&[&FIRST], "the API refused it");
        assert!(scan.copies(&SECOND) > 1);
        turn.wait();

        caller.join().unwrap();
        scan.assert_gone(&ALL, "the source and its caller are gone");
    }
}

/// Asks often enough to be given a copy of each token.
fn call(source: Box<dyn Source>, clock: &Clock, turn: &Barrier) {
    let first = (0..4).map(|_| source.token()).last().unwrap();
    turn.wait();
    turn.wait();
    source.invalidate(&first);
    drop(first);
    clock.advance(Duration::from_secs(1));
    (0..4).for_each(|_| drop(source.token()));
    // Such a clock moves on when no thread in the background runs any more, and such a thread has a copy too.
    block_on(nonblocking::Runtime::sleep(clock, Duration::from_secs(1)));
    turn.wait();
    turn.wait();
}

fn transport() -> ScriptedTransport {
    let mut tokens = [&FIRST, &SECOND].into_iter();
    ScriptedTransport::new(move |_| {
        let mut body = String::with_capacity(512);
        body.push_str(r#"{"access_token":""#);
        tokens.next().unwrap().write(&mut body);
        body.push_str(r#"","expires_in":900}"#);
        Ok(Response::new(body.into_bytes()))
    })
}

fn config() -> Config {
    let mut secret = String::with_capacity(96);
    SECRET.write(&mut secret);
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new(secret))
        .build()
        .unwrap()
}
