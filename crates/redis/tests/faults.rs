//! Servers that are gone, hang, reject a call or send nonsense: each is an error within the timeout, and the store recovers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use edge_oauth_driver::{Store, StoreKey};
use edge_oauth_no_io::{Claim, Finish, Found, Share, StoreError};
use edge_oauth_redis::{RedisOptions, RedisStore};

use common::{Server, claim, config, serve};

struct Stage {
    server: Server,
    store: RedisStore,
    key: StoreKey,
}

impl Stage {
    fn new() -> Option<Self> {
        let server = Server::start()?;
        let store = RedisStore::new(server.client()).unwrap();
        let key = store.key(&config("a")).unwrap();
        Some(Self { server, store, key })
    }

    fn claim(&self) -> Result<Found<Vec<u8>>, StoreError> {
        Ok(self.store.claim(&self.key, &claim())?.found)
    }

    fn lease(&self) -> u64 {
        match self.claim().unwrap() {
            Found::Lease { number } => number,
            other => panic!("no lease, but {other:?}"),
        }
    }

    fn finish(&self, number: u64) -> Result<bool, StoreError> {
        self.store.finish(&self.key, token(number))
    }
}

fn token(number: u64) -> Finish<Vec<u8>> {
    Finish {
        number,
        share: Share::Token {
            response: b"t".to_vec(),
            keep: Duration::from_secs(3600),
        },
        timeout: claim().timeout,
    }
}

fn impatient() -> Claim {
    Claim {
        timeout: Duration::from_millis(20),
        ..claim()
    }
}

// fault: store-is-gone
#[test]
fn server_that_is_gone_is_an_error_until_it_is_back() {
    let Some(mut stage) = Stage::new() else {
        return;
    };
    let number = stage.lease();
    stage.server.kill();
    assert!(stage.claim().unwrap_err().to_string().contains("Redis"));
    assert!(stage.finish(number).is_err());
    stage.server.start_again();
    assert!(stage.lease() > number, "an empty server gives the lease");
}

// fault: store-was-restarted
#[test]
fn restart_between_two_calls_is_not_an_error() {
    let Some(mut stage) = Stage::new() else {
        return;
    };
    let number = stage.lease();
    stage.server.kill();
    stage.server.start_again();
    assert!(
        stage.finish(number).unwrap(),
        "over a new connection, with the scripts loaded again"
    );
}

// fault: store-was-flushed
#[test]
fn flushed_server_gives_the_lease_again() {
    let Some(stage) = Stage::new() else { return };
    let number = stage.lease();
    assert!(stage.finish(number).unwrap());
    let _: () = stage.server.run("FLUSHALL");
    let _: () = stage.server.run("SCRIPT FLUSH");
    let next = stage.lease();
    assert!(next > number);
    assert!(stage.finish(number).unwrap(), "no newer token is there");
    assert!(stage.finish(next).unwrap());
}

// fault: store-is-read-only
#[test]
fn read_only_replica_is_an_error_and_its_tokens_are_read() {
    let Some(stage) = Stage::new() else { return };
    let number = stage.lease();
    assert!(stage.finish(number).unwrap());
    let _: () = stage.server.run("REPLICAOF 127.0.0.1 1");
    assert!(matches!(stage.claim(), Ok(Found::Entry { .. })));
    let known = Claim {
        known: number,
        ..claim()
    };
    let error = stage.store.claim(&stage.key, &known).unwrap_err();
    assert!(error.to_string().contains("READONLY"), "{error}");
    let _: () = stage.server.run("REPLICAOF NO ONE");
    assert!(stage.store.claim(&stage.key, &known).is_ok());
}

// fault: store-is-out-of-memory
#[test]
fn server_without_memory_is_an_error_and_its_tokens_are_read() {
    let Some(stage) = Stage::new() else { return };
    let number = stage.lease();
    assert!(stage.finish(number).unwrap());
    let _: () = stage.server.run("CONFIG SET maxmemory 1");
    assert!(matches!(stage.claim(), Ok(Found::Entry { .. })));
    let error = stage.finish(number + 1).unwrap_err();
    assert!(error.to_string().contains("OOM"), "{error}");
    let _: () = stage.server.run("CONFIG SET maxmemory 0");
    assert!(stage.finish(number + 1).unwrap());
}

#[test]
fn call_that_the_server_rejects_is_not_repeated_over_another_connection() {
    let Some(server) = Server::start() else {
        return;
    };
    let connections = Arc::new(AtomicUsize::new(0));
    let (count, client) = (Arc::clone(&connections), server.client());
    let connect = move |timeout| {
        count.fetch_add(1, Ordering::SeqCst);
        client.get_connection_with_timeout(timeout)
    };
    let store = RedisStore::with_connect(connect, RedisOptions::default()).unwrap();
    let key = store.key(&config("a")).unwrap();
    store.claim(&key, &claim()).unwrap();
    let _: () = server.run("CONFIG SET maxmemory 1");
    assert!(store.finish(&key, token(1)).is_err());
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[test]
fn debug_of_a_store_has_no_address() {
    let client = redis::Client::open("redis://:pa55word@127.0.0.1/").unwrap();
    let store = RedisStore::new(client).unwrap();
    assert_eq!(format!("{store:?}"), "RedisStore { .. }");
}

// fault: store-wants-a-password
#[test]
fn server_that_wants_a_password_is_an_error() {
    let Some(stage) = Stage::new() else { return };
    let _: () = stage.server.run("CONFIG SET requirepass pa55word");
    let error = stage.claim().unwrap_err().to_string();
    assert!(
        error.contains("NOAUTH") && !error.contains("pa55word"),
        "{error}"
    );
}

// fault: store-user-may-not-run-scripts
#[test]
fn user_without_the_right_is_an_error() {
    let Some(stage) = Stage::new() else { return };
    stage.lease();
    let _: () = stage.server.run("ACL SETUSER default -evalsha");
    let error = stage.claim().unwrap_err().to_string();
    assert!(error.contains("NOPERM"), "{error}");
}

// fault: store-holds-a-foreign-value
#[test]
fn key_of_another_type_is_an_error() {
    let Some(stage) = Stage::new() else { return };
    let _: () = stage
        .server
        .run(&format!("SET edge-oauth:1:{} foreign", stage.key.name()));
    let error = stage.claim().unwrap_err().to_string();
    assert!(error.contains("WRONGTYPE"), "{error}");
}

// fault: store-hangs
#[test]
fn server_that_accepts_and_hangs_is_an_error_within_the_timeout() {
    let client = serve(|stream| {
        drop(thread::spawn(move || {
            (&stream).read_to_end(&mut Vec::new())
        }))
    });
    let store = RedisStore::new(client.clone()).unwrap();
    let key = store.key(&config("a")).unwrap();
    for _ in 0..3 {
        assert_eq!(store.claim(&key, &impatient()), Err(StoreError::timeout()));
    }
    let late = Finish {
        timeout: Duration::from_millis(20),
        ..token(1)
    };
    assert_eq!(store.finish(&key, late), Err(StoreError::timeout()));
}

// fault: store-talks-nonsense
#[test]
fn reply_that_is_not_redis_is_an_error() {
    for reply in [
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "+PONG\r\n",
        "*1\r\n$3\r\nabc\r\n",
        ":1\r\n",
        "*-1\r\n",
        "$1000000\r\n",
    ] {
        let client = serve(move |mut stream| {
            let mut asked = [0; 4096];
            while stream.read(&mut asked).is_ok_and(|length| length > 0) {
                // As many replies as a connection may wait for when it is set up.
                let _ = stream.write_all(reply.repeat(4).as_bytes());
            }
        });
        let store = RedisStore::new(client).unwrap();
        let key = store.key(&config("a")).unwrap();
        let error = store.claim(
            &key,
            &Claim {
                timeout: Duration::from_secs(1),
                ..claim()
            },
        );
        let text = error.unwrap_err().to_string();
        assert!(text.len() < 400 && !text.contains(['\r', '\n']), "{text}");
    }
}

// fault: store-runs-the-claim-of-a-caller-that-is-gone
#[cfg(target_os = "linux")]
#[test]
fn stopped_server_runs_late_claims_without_giving_ghost_leases() {
    let Some(stage) = Stage::new() else { return };
    let look = Claim {
        until: Duration::ZERO,
        ..claim()
    };
    let now = stage.store.claim(&stage.key, &look).unwrap().now;
    stage.server.signal("STOP");
    for _ in 0..3 {
        let until = now + Duration::from_millis(1);
        let claimed = stage.store.claim(
            &stage.key,
            &Claim {
                until,
                ..impatient()
            },
        );
        assert_eq!(claimed, Err(StoreError::timeout()));
    }
    stage.server.signal("CONT");
    stage.lease();
}

// fault: lease-of-a-claim-that-timed-out
#[cfg(target_os = "linux")]
#[test]
fn lease_whose_reply_comes_after_the_timeout_is_given_back() {
    let Some(stage) = Stage::new() else { return };
    let look = Claim {
        until: Duration::ZERO,
        ..claim()
    };
    stage.store.claim(&stage.key, &look).unwrap();
    stage.server.signal("STOP");
    let claimed = stage.store.claim(&stage.key, &impatient());
    assert_eq!(claimed, Err(StoreError::timeout()));
    stage.server.signal("CONT");
    // The lease lasts for an hour unless it is given back.
    let is_lease = |found: Found<Vec<u8>>| matches!(found, Found::Lease { .. });
    let is_given_back = (0..10_000).any(|_| is_lease(stage.claim().unwrap()));
    assert!(is_given_back);
}

/// Signals stop the server.
#[cfg(target_os = "linux")]
mod tasks {
    use std::future::poll_fn;
    use std::task::Poll;

    use edge_oauth_driver::AsyncStore;
    use edge_oauth_redis::AsyncRedisStore;
    use redis::aio::ConnectionLike;
    use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, ServerErrorKind, Value};
    use tokio::runtime::Runtime;

    use super::*;

    // fault: lease-of-a-claim-that-timed-out
    #[test]
    fn lease_of_a_claim_that_timed_out_or_was_cancelled_is_given_back() {
        let Some(server) = Server::start() else {
            return;
        };
        let runtime = Runtime::new().unwrap();
        let connection = server.client();
        let connection = runtime.block_on(connection.get_multiplexed_async_connection());
        let mut connection = connection.unwrap();
        // On a busy machine the server may go on late, and the connection has to wait for its reply.
        connection.set_response_timeout(common::claim().timeout);
        let store = AsyncRedisStore::new(connection);
        let key = AsyncStore::key(&store, &config("a")).unwrap();
        for is_cancelled in [false, true] {
            server.signal("STOP");
            let claim = impatient();
            runtime.block_on(async {
                let mut call = store.claim(&key, &claim);
                if is_cancelled {
                    let polled = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx).is_ready()));
                    assert!(!polled.await, "the server is stopped");
                } else {
                    assert_eq!(call.await.unwrap_err(), StoreError::timeout());
                }
            });
            server.signal("CONT");
            let found = || {
                runtime
                    .block_on(store.claim(&key, &common::claim()))
                    .unwrap()
                    .found
            };
            // The lease lasts for an hour unless it is given back.
            let number = (0..10_000).find_map(|_| match found() {
                Found::Lease { number } => Some(number),
                _ => None,
            });
            let number = number.expect("the lease is given back");
            let share = Share::Nothing;
            let timeout = common::claim().timeout;
            let finish = Finish {
                number,
                share,
                timeout,
            };
            runtime.block_on(store.finish(&key, finish)).unwrap();
        }
    }

    // fault: lease-of-a-claim-that-timed-out
    #[test]
    fn lease_that_its_caller_never_saw_is_given_back() {
        let Some(server) = Server::start() else {
            return;
        };
        let runtime = Runtime::new().unwrap();
        let connection = server.client();
        let connection = runtime.block_on(connection.get_multiplexed_async_connection());
        let store = AsyncRedisStore::new(connection.unwrap());
        let key = AsyncStore::key(&store, &config("a")).unwrap();
        let place = format!("edge-oauth:1:{}", key.name());
        let ends = || -> Option<u64> { server.run(&format!("HGET {place} ends")) };
        let claim = common::claim();
        let mut call = store.claim(&key, &claim);
        let began = runtime.block_on(async {
            let polled = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx).is_ready()));
            assert!(!polled.await, "the task has not begun");
            // The server has given the lease, and its reply waits for a caller that is cancelled.
            while ends().is_none() {}
            tokio::time::sleep(Duration::from_millis(100)).await;
            ends()
        });
        drop(call);
        // The lease lasts for an hour unless it is given back.
        runtime.block_on(async {
            for _ in 0..1_000 {
                if ends() < began {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            panic!("the lease is not given back");
        });
    }

    // fault: store-was-restarted
    #[test]
    fn connection_that_the_server_closed_between_two_calls_of_a_task_is_not_an_error() {
        let Some(server) = Server::start() else {
            return;
        };
        let runtime = Runtime::new().unwrap();
        let manager = runtime.block_on(server.client().get_connection_manager());
        let store = AsyncRedisStore::new(manager.unwrap());
        let key = AsyncStore::key(&store, &config("a")).unwrap();
        // A server closes connections that are idle, and a token may live for a day.
        let close = || -> () { server.run("CLIENT KILL TYPE normal") };
        close();
        let claimed = runtime.block_on(store.claim(&key, &claim())).unwrap();
        let Found::Lease { number } = claimed.found else {
            panic!("no lease, but {:?}", claimed.found)
        };
        close();
        assert!(runtime.block_on(store.finish(&key, token(number))).unwrap());
    }

    // fault: store-was-restarted
    #[test]
    fn task_of_a_second_runtime_is_served_after_the_first_has_ended() {
        let Some(server) = Server::start() else {
            return;
        };
        let first = Runtime::new().unwrap();
        let manager = first.block_on(server.client().get_connection_manager());
        drop(first);
        let store = AsyncRedisStore::new(manager.unwrap());
        let key = AsyncStore::key(&store, &config("a")).unwrap();
        for _ in 0..3 {
            let claimed = Runtime::new()
                .unwrap()
                .block_on(store.claim(&key, &claim()));
            assert!(claimed.is_ok(), "{claimed:?}");
        }
    }

    /// A connection whose calls end with this error, and their number.
    #[derive(Clone)]
    struct Failing(ErrorKind, Arc<AtomicUsize>);

    impl ConnectionLike for Failing {
        fn req_packed_command<'a>(&'a mut self, _: &'a Cmd) -> RedisFuture<'a, Value> {
            self.1.fetch_add(1, Ordering::SeqCst);
            let error = RedisError::from((self.0, "the call failed"));
            Box::pin(async { Err(error) })
        }

        fn req_packed_commands<'a>(
            &'a mut self,
            _: &'a Pipeline,
            _: usize,
            _: usize,
        ) -> RedisFuture<'a, Vec<Value>> {
            unreachable!("a script is one command")
        }

        fn get_db(&self) -> i64 {
            0
        }
    }

    #[test]
    fn call_of_a_task_is_repeated_once_if_the_connection_was_closed_alone() {
        let out_of_memory = ErrorKind::Server(ServerErrorKind::ResponseError);
        for (kind, expected) in [
            (out_of_memory, 1),
            (ErrorKind::Parse, 1),
            (ErrorKind::Io, 2),
        ] {
            let connection = Failing(kind, Arc::default());
            let store = AsyncRedisStore::new(connection.clone());
            let key = AsyncStore::key(&store, &config("a")).unwrap();
            let claimed = Runtime::new()
                .unwrap()
                .block_on(store.claim(&key, &claim()));
            assert!(claimed.is_err());
            assert_eq!(connection.1.load(Ordering::SeqCst), expected, "{kind:?}");
        }
    }

    #[test]
    fn tasks_get_the_same_errors_within_their_timeout() {
        let Some(mut server) = Server::start() else {
            return;
        };
        let runtime = Runtime::new().unwrap();
        let manager = runtime.block_on(server.client().get_connection_manager());
        let store = AsyncRedisStore::new(manager.unwrap());
        assert_eq!(format!("{store:?}"), "AsyncRedisStore { .. }");
        let key = AsyncStore::key(&store, &config("a")).unwrap();
        let claim_with = |claim: Claim| runtime.block_on(store.claim(&key, &claim));
        let number = match claim_with(claim()).unwrap().found {
            Found::Lease { number } => number,
            other => panic!("no lease, but {other:?}"),
        };
        assert!(runtime.block_on(store.finish(&key, token(number))).unwrap());

        server.signal("STOP");
        assert_eq!(claim_with(impatient()).unwrap_err(), StoreError::timeout());
        server.signal("CONT");
        assert!(claim_with(claim()).is_ok());

        let _: () = server.run("CONFIG SET maxmemory 1");
        let error = runtime
            .block_on(store.finish(&key, token(number + 1)))
            .unwrap_err();
        assert!(error.to_string().contains("OOM"), "{error}");

        server.kill();
        assert!(claim_with(impatient()).is_err());
        server.start_again();
        // The manager connects again by itself, after a call has failed.
        while claim_with(claim()).is_err() {}
    }
}
