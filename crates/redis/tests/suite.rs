//! The conformance suite on a real server, for threads and for tasks, and what the server sees of it.
// The server listens at a Unix socket.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use edge_oauth_driver::testing::{ScriptedTransport, check_store};
use edge_oauth_driver::{AsyncStore, BoxFuture, Store, StoreKey, blocking, nonblocking};
use edge_oauth_no_io::{
    AccessToken, Claim, Claimed, Config, Finish, Found, SecretBytes, Share, SharedResponse,
    StoreError,
};
use edge_oauth_redis::{AsyncRedisStore, RedisOptions, RedisStore};
use edge_oauth_store::StoreKeys;
use redis::aio::ConnectionLike;
use tokio::runtime::Runtime;

use common::{Server, claim, config};

#[test]
fn redis_store_passes_the_suite() {
    let Some(server) = Server::start() else {
        return;
    };
    check_store(|| RedisStore::new(server.client()).unwrap());
}

// fault: one-request-per-process
#[test]
fn sources_of_threads_and_tasks_make_one_request_over_redis() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut requests = 0;
    let transport = ScriptedTransport::new(move |_| {
        requests += 1;
        let body = format!(r#"{{"access_token":"t{requests}","expires_in":900}}"#);
        Ok(http::Response::new(body.into_bytes()))
    });
    let at_once = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            let store = RedisStore::new(server.client()).unwrap();
            let builder = blocking::TokenSource::builder(config("s3cret"))
                .store(store)
                .unwrap();
            let (source, at_once) = (builder.build(transport.clone()), &at_once);
            scope.spawn(move || {
                at_once.wait();
                assert_eq!(source.token().unwrap().expose(), "t1");
            });
        }
    });
    let runtime = runtime();
    let client = server.client();
    let connection = runtime.block_on(client.get_multiplexed_async_connection());
    let store = AsyncRedisStore::new(connection.unwrap());
    let tasks = nonblocking::Builder::new(config("s3cret"), Tokio)
        .store(store)
        .unwrap();
    let tasks = tasks.build(transport);
    let token = runtime.block_on(tasks.token()).unwrap();
    assert_eq!(token.expose(), "t1");
}

struct Tokio;

impl nonblocking::Runtime for Tokio {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }
}

#[test]
fn user_with_the_rights_of_the_readme_passes_the_suite() {
    let Some(server) = Server::start() else {
        return;
    };
    let readme = include_str!("../README.md");
    let rights = readme.split('`').find(|part| part.starts_with("+evalsha"));
    let _: () = server.run(&format!("ACL SETUSER app on >pa55word {}", rights.unwrap()));
    let address = format!(
        "redis+unix://{}?user=app&pass=pa55word",
        server.socket().display()
    );
    check_store(|| RedisStore::new(redis::Client::open(address.as_str()).unwrap()).unwrap());
}

/// Blocks on a store for tasks.
struct Blocking<'r, C>(&'r Runtime, AsyncRedisStore<C>);

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Store for Blocking<'static, C> {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.1.key(config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        self.0.block_on(self.1.claim(key, claim))
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        self.0.block_on(self.1.finish(key, finish))
    }
}

fn runtime() -> &'static Runtime {
    Box::leak(Box::new(Runtime::new().unwrap()))
}

#[test]
fn async_redis_store_passes_the_suite_over_a_shared_connection() {
    let Some(server) = Server::start() else {
        return;
    };
    let runtime = runtime();
    let client = server.client();
    let connection = runtime
        .block_on(client.get_multiplexed_async_connection())
        .unwrap();
    check_store(|| Blocking(runtime, AsyncRedisStore::new(connection.clone())));
}

#[test]
fn async_redis_store_passes_the_suite_over_a_connection_manager() {
    let Some(server) = Server::start() else {
        return;
    };
    let runtime = runtime();
    let manager = runtime
        .block_on(server.client().get_connection_manager())
        .unwrap();
    check_store(|| Blocking(runtime, AsyncRedisStore::new(manager.clone())));
}

#[test]
fn thread_and_task_with_one_configuration_share_one_key() {
    let Some(server) = Server::start() else {
        return;
    };
    let runtime = runtime();
    let threads = RedisStore::new(server.client()).unwrap();
    let key = threads.key(&config("a")).unwrap();
    let Found::Lease { number } = threads.claim(&key, &claim()).unwrap().found else {
        panic!("the server is empty");
    };
    let manager = runtime
        .block_on(server.client().get_connection_manager())
        .unwrap();
    let tasks = Blocking(runtime, AsyncRedisStore::new(manager));
    let found = tasks
        .claim(&tasks.key(&config("a")).unwrap(), &claim())
        .unwrap()
        .found;
    assert!(matches!(found, Found::Taken { number: taken, .. } if taken == number));
}

fn token(key: &StoreKey, number: u64) -> Finish<Vec<u8>> {
    let token = AccessToken::new("the-access-token", None, Some("the-scope")).unwrap();
    let timeout = claim().timeout;
    let response = SharedResponse::new(&config("a"), timeout, &Ok(token)).unwrap();
    let share = Share::Token {
        response,
        keep: timeout,
    };
    key.seal(Finish {
        number,
        share,
        timeout,
    })
    .unwrap()
}

#[test]
fn store_uses_the_prefix_and_the_key_of_its_options() {
    let Some(server) = Server::start() else {
        return;
    };
    let keys = StoreKeys::from_key(SecretBytes::new(vec![7; 32])).unwrap();
    let options = RedisOptions::default().prefix("staging").keys(keys.clone());
    let store = RedisStore::with_options(server.client(), options).unwrap();
    let key = store.key(&config("a")).unwrap();
    assert_eq!(key.name(), keys.key(&config("a")).unwrap().name());
    store.claim(&key, &claim()).unwrap();
    let names: Vec<String> = server.run("KEYS *");
    assert_eq!(names, [format!("staging:1:{}", key.name())]);
}

// fault: dump-or-monitor-of-the-store
#[test]
fn server_receives_only_hashes_times_and_sealed_bytes() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut monitor = BufReader::new(UnixStream::connect(server.socket()).unwrap());
    monitor.get_mut().write_all(b"MONITOR\r\n").unwrap();
    let mut line = String::new();
    monitor.read_line(&mut line).unwrap();
    assert_eq!(line, "+OK\r\n");

    let store = RedisStore::new(server.client()).unwrap();
    let key = store.key(&config("the-client-id")).unwrap();
    let Found::Lease { number } = store.claim(&key, &claim()).unwrap().found else {
        panic!("the server is empty");
    };
    assert!(store.finish(&key, token(&key, number)).unwrap());
    assert!(matches!(
        store.claim(&key, &claim()).unwrap().found,
        Found::Entry { .. }
    ));

    let stored: Vec<Vec<u8>> = server.run(&format!("HGETALL edge-oauth:1:{}", key.name()));
    let _: String = server.run("ECHO the-end");
    let mut seen = stored.concat();
    loop {
        let from = seen.len();
        assert!(
            monitor.read_until(b'\n', &mut seen).unwrap() > 0,
            "the server ended"
        );
        if seen[from..].windows(7).any(|part| part == b"the-end") {
            break;
        }
    }
    let text = String::from_utf8_lossy(&seen);
    assert!(text.contains("EVALSHA") && text.contains(key.name()));
    for secret in [
        "the-client-id",
        "the-client-secret",
        "the-access-token",
        "the-scope",
        "login.example",
    ] {
        assert!(!text.contains(secret), "{secret} was seen");
    }
}

#[test]
fn every_key_has_a_time_to_live_that_is_only_raised() {
    let Some(server) = Server::start() else {
        return;
    };
    let store = RedisStore::new(server.client()).unwrap();
    let key = store.key(&config("a")).unwrap();
    let left = || server.run::<i64>(&format!("PTTL edge-oauth:1:{}", key.name()));
    let Found::Lease { number } = store.claim(&key, &claim()).unwrap().found else {
        panic!("the server is empty");
    };
    let hour = 3600 * 1000;
    assert!(left() > hour, "the lease and a minute");
    let share = Share::Token {
        response: b"t".to_vec(),
        keep: claim().timeout,
    };
    store
        .finish(
            &key,
            Finish {
                number,
                share,
                timeout: claim().timeout,
            },
        )
        .unwrap();
    assert!(
        left() > hour,
        "not lowered by a token that lives for a minute"
    );
}

#[test]
fn stores_print_no_address() {
    let client = redis::Client::open("redis://user:pa55word@127.0.0.1:1/").unwrap();
    let store = RedisStore::new(client).unwrap();
    assert!(!format!("{store:?}").contains("pa55word"));
    let key = store.key(&config("a")).unwrap();
    let error = store.claim(&key, &claim()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("pa55word"));
}
