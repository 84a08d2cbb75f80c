//! Token sources whose Redis server fails: callers get tokens, and each source makes one request per lifetime.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use edge_oauth_driver::Options;
use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::testing::ScriptedTransport;
use edge_oauth_no_io::Event;
use edge_oauth_redis::RedisStore;

use common::{Server, config, serve};

/// A source, the requests that it made, and how often its store failed.
struct Process {
    source: TokenSource,
    requests: Arc<AtomicUsize>,
    store_failures: Arc<AtomicUsize>,
}

impl Process {
    fn new(client: redis::Client) -> Self {
        let requests = Arc::new(AtomicUsize::new(0));
        let store_failures = Arc::new(AtomicUsize::new(0));
        let counts = (Arc::clone(&requests), Arc::clone(&store_failures));
        let transport = ScriptedTransport::new(move |_| {
            counts.0.fetch_add(1, Ordering::SeqCst);
            let body = br#"{"access_token":"alone","expires_in":900}"#;
            Ok(http::Response::new(body.to_vec()))
        });
        let options = Options::default().on_event(move |event| {
            if let Event::StoreFailed { .. } = event {
                counts.1.fetch_add(1, Ordering::SeqCst);
            }
        });
        let builder = TokenSource::builder(config("s3cret")).options(options);
        let source = builder.store(RedisStore::new(client).unwrap()).unwrap();
        Self {
            source: source.build(transport),
            requests,
            store_failures,
        }
    }

    /// Asks three times.
    fn ask(&self) {
        for _ in 0..3 {
            assert_eq!(self.source.token().unwrap().expose(), "alone");
        }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    fn store_failures(&self) -> usize {
        self.store_failures.load(Ordering::SeqCst)
    }
}

/// Has a source with a cached token and a source without one meet the fault.
#[track_caller]
fn meet(fault: &str, server: &mut Server, client: redis::Client, begin: impl FnOnce(&mut Server)) {
    let warm = Process::new(server.client());
    warm.ask();
    begin(server);
    warm.ask();
    assert_eq!((warm.requests(), warm.store_failures()), (1, 0), "{fault}");
    let cold = Process::new(client);
    cold.ask();
    assert_eq!(cold.requests(), 1, "{fault}");
    assert!(cold.store_failures() > 0, "{fault}");
    // A lifetime later.
    warm.source.invalidate(&warm.source.token().unwrap());
    assert!(warm.source.token().is_ok(), "{fault}");
    assert_eq!(warm.requests(), 2, "{fault}");
}

// fault: store-is-gone
#[test]
fn server_that_is_gone_costs_one_request_of_each_source() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let client = server.client();
    meet("gone", &mut server, client, Server::kill);
}

// fault: store-is-read-only, store-is-out-of-memory, store-wants-a-password, store-user-may-not-run-scripts
#[test]
fn server_that_refuses_costs_one_request_of_each_source() {
    for command in [
        "REPLICAOF 127.0.0.1 1",
        "CONFIG SET maxmemory 1",
        "CONFIG SET requirepass pa55word",
        "ACL SETUSER default -evalsha",
    ] {
        let Some(mut server) = Server::start() else {
            return;
        };
        let client = server.client();
        meet(command, &mut server, client, |server| {
            let _: () = server.run(command);
            // Tokens are read still, so a source that starts finds what there is.
            if let "REPLICAOF 127.0.0.1 1" | "CONFIG SET maxmemory 1" = command {
                forget(server);
            }
        });
    }
}

/// Empties a server that may not be written to.
fn forget(server: &Server) {
    let _: () = server.run("REPLICAOF NO ONE");
    let _: () = server.run("FLUSHALL");
    let _: () = server.run("REPLICAOF 127.0.0.1 1");
}

// fault: store-hangs
#[test]
fn server_that_hangs_costs_one_request_of_each_source() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let client = serve(|stream| {
        drop(thread::spawn(move || {
            (&stream).read_to_end(&mut Vec::new())
        }))
    });
    meet("hanging", &mut server, client, |server| {
        server.signal("STOP")
    });
    server.signal("CONT");
}

// fault: store-talks-nonsense
#[test]
fn server_that_sends_nonsense_costs_one_request_of_a_source() {
    let client = serve(|mut stream| {
        let mut asked = [0; 4096];
        while stream.read(&mut asked).is_ok_and(|length| length > 0) {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let process = Process::new(client);
    process.ask();
    assert_eq!(process.requests(), 1);
    assert_eq!(process.store_failures(), 1);
}

// fault: store-was-flushed, store-was-restarted
#[test]
fn flushed_server_costs_no_request_while_tokens_are_cached() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let first = Process::new(server.client());
    let second = Process::new(server.client());
    first.ask();
    second.ask();
    let _: () = server.run("FLUSHALL");
    server.kill();
    server.start_again();
    first.ask();
    second.ask();
    assert_eq!(first.requests() + second.requests(), 1);
}
