//! Many sources in a pool.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use edge_oauth_driver::testing::{Clock, ScriptedTransport, block_on};
use edge_oauth_driver::{Endpoints, Options, PooledSource, TokenSourcePool, blocking, nonblocking};
use edge_oauth_no_io::{Config, Secret};
use http::Response;

use crate::stage::{Stage, config, tasks_with, threads_with};

// fault: a-hundred-requests-at-once
#[test]
fn hundred_keys_at_once_get_their_tokens_through_a_pool_of_one() {
    let sources = TokenSourcePool::new(1.try_into().unwrap());
    let stage = Stage::new([]).closed();
    thread::scope(|scope| {
        for number in 0..100 {
            let config = config()
                .to_builder()
                .scope(&number.to_string())
                .build()
                .unwrap();
            let (sources, stage) = (&sources, stage.clone());
            scope.spawn(move || {
                let source = sources.get_or_insert(config, |config| {
                    threads_with(&stage, config, Options::default())
                });
                source.token().unwrap()
            });
        }
        stage.until_requests(100);
        stage.open();
    });
    assert_eq!((stage.requests(), sources.len()), (100, 1));
}

// fault: pool-is-full
#[test]
fn pool_of_sources_is_bounded() {
    let sources = TokenSourcePool::new(10.try_into().unwrap());
    let stage = Stage::new([]);
    assert!(sources.is_empty());
    let printed = format!("{sources:?}");
    assert!(printed.contains("capacity: 10"), "{printed}");
    for audience in 0..1000 {
        let config = config()
            .to_builder()
            .audience(format!("https://api.example/{audience}"))
            .build()
            .unwrap();
        sources
            .get_or_insert(config, |config| {
                threads_with(&stage, config, Options::default())
            })
            .token()
            .unwrap();
    }
    assert_eq!((sources.len(), sources.is_empty()), (10, false));
    let newest = config()
        .to_builder()
        .audience("https://api.example/999")
        .build()
        .unwrap();
    sources
        .get_or_insert(newest.clone(), |_| panic!("it is there"))
        .token()
        .unwrap();
    assert!(sources.remove(newest.cache_key()).is_some());
    assert_eq!((stage.requests(), sources.len()), (1000, 9));
}

/// A source that is rotated once more while it takes its first new configuration.
#[derive(Clone)]
struct RotatedMeanwhile {
    pool: Arc<TokenSourcePool<Self>>,
    secret: Arc<Mutex<String>>,
    rotations: Arc<AtomicUsize>,
}

fn with_secret(secret: &str) -> Config {
    let builder = config().to_builder();
    builder.client_secret(Secret::new(secret)).build().unwrap()
}

impl PooledSource for RotatedMeanwhile {
    fn replace_config(&self, config: Config) {
        if self.rotations.fetch_add(1, Ordering::SeqCst) == 0 {
            self.pool
                .get_or_insert(with_secret("third"), |_| panic!("it is there"));
        }
        *self.secret.lock().unwrap() = config.client_secret().unwrap().expose().to_owned();
    }

    fn share_endpoints(&self, _: &Endpoints) {}
}

// fault: rotations-of-one-source-cross
#[test]
fn source_that_two_threads_rotate_has_the_secret_of_the_pool() {
    let pool = Arc::new(TokenSourcePool::new(10.try_into().unwrap()));
    let source = pool.get_or_insert(with_secret("first"), |_| RotatedMeanwhile {
        pool: Arc::clone(&pool),
        secret: Arc::default(),
        rotations: Arc::default(),
    });
    pool.get_or_insert(with_secret("second"), |_| panic!("it is there"));
    let (config, _) = pool.sources().remove(0);
    assert_eq!(config.client_secret().unwrap().expose(), "third");
    assert_eq!(*source.secret.lock().unwrap(), "third");
}

#[test]
fn rotated_secret_replaces_the_configuration_of_the_source_that_is_there() {
    let stage = Stage::new([]);
    let threads = TokenSourcePool::new(10.try_into().unwrap());
    let tasks = TokenSourcePool::new(10.try_into().unwrap());
    for secret in ["old", "new"] {
        let config = with_secret(secret);
        let make = |config| threads_with(&stage, config, Options::default());
        let thread = threads.get_or_insert(config.clone(), make);
        let make = |config| tasks_with(&stage, config, Options::default());
        let task = tasks.get_or_insert(config, make);
        for used in [thread.config(), task.config()] {
            assert_eq!(used.client_secret().unwrap().expose(), secret);
        }
    }
    assert_eq!((threads.len(), tasks.len()), (1, 1));
}

#[derive(Clone)]
struct Numbered(usize);

impl PooledSource for Numbered {
    fn replace_config(&self, _: Config) {}

    fn share_endpoints(&self, _: &Endpoints) {}
}

#[test]
fn least_recently_used_source_is_dropped_first() {
    let sources = TokenSourcePool::new(10.try_into().unwrap());
    let config = |number: usize| {
        config()
            .to_builder()
            .scope(&number.to_string())
            .build()
            .unwrap()
    };
    let insert = |number| sources.get_or_insert(config(number), |_| Numbered(number));
    let get = |number| {
        sources
            .get(config(number).cache_key())
            .map(|source| source.0)
    };
    for number in 0..10 {
        insert(number);
    }
    insert(10);
    assert_eq!(get(0), None, "the first of those that are alike");
    for number in (1..11).filter(|number| *number != 7) {
        assert_eq!(get(number), Some(number));
    }
    insert(11);
    assert_eq!(get(7), None);
    assert_eq!(sources.len(), 10);
    for number in 0..1000 {
        sources.remove(config(11).cache_key());
        insert(11);
        insert(number);
        assert!(sources.len() <= 10);
    }
}

/// A source whose code calls the pool that it is in.
#[derive(Clone)]
struct Nested {
    number: usize,
    pool: Weak<TokenSourcePool<Nested>>,
}

impl PooledSource for Nested {
    fn replace_config(&self, _: Config) {
        let pool = self.pool.upgrade().unwrap();
        assert!(pool.get(config().cache_key()).is_some());
    }

    fn share_endpoints(&self, endpoints: &Endpoints) {
        assert!(format!("{endpoints:?}").contains("EndpointHealth"));
    }
}

impl Drop for Nested {
    fn drop(&mut self) {
        let other = config().to_builder().scope("other").build().unwrap();
        if let Some(pool) = self.pool.upgrade() {
            assert!(pool.remove(other.cache_key()).is_none());
        }
    }
}

// fault: pool-calls-foreign-code-under-its-lock
#[test]
fn sources_may_call_the_pool_while_they_are_made_replaced_and_dropped() {
    let pool = Arc::new(TokenSourcePool::new(2.try_into().unwrap()));
    let nested = |number| Nested {
        number,
        pool: Arc::downgrade(&pool),
    };
    let source = pool.get_or_insert(config(), |config| {
        pool.get_or_insert(config, |_| nested(1));
        nested(2)
    });
    assert_eq!(source.number, 1, "the first that is in the pool");
    let secret = edge_oauth_no_io::Secret::new("rotated");
    let rotated = config().to_builder().client_secret(secret).build().unwrap();
    pool.get_or_insert(rotated, |_| panic!("it is there"));
    for number in 3..9 {
        let config = config().to_builder().scope(&number.to_string());
        pool.get_or_insert(config.build().unwrap(), |_| nested(number));
    }
    assert_eq!(pool.len(), 2);
    assert!(pool.sources().iter().all(|(_, source)| source.number > 1));
}

/// A token endpoint that fails while it is down.
#[derive(Clone, Default)]
struct Server {
    is_up: Arc<AtomicBool>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    fn transport(&self) -> ScriptedTransport {
        let server = self.clone();
        ScriptedTransport::new(move |_| {
            server.requests.fetch_add(1, Ordering::Relaxed);
            let token = r#"{"access_token":"t","expires_in":900}"#;
            Ok(match server.is_up.load(Ordering::Relaxed) {
                true => Response::new(token.into()),
                false => Response::builder().status(503).body(Vec::new()).unwrap(),
            })
        })
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

fn tenant(number: usize) -> Config {
    let config = config().to_builder().scope(&number.to_string());
    config.build().unwrap()
}

// fault: failing-endpoint-is-asked-by-all
#[test]
fn failing_endpoint_is_probed_by_one_source_of_a_pool() {
    let pool = TokenSourcePool::new(1000.try_into().unwrap());
    let (server, clock) = (Server::default(), Clock::new());
    let token = |number| {
        let source = pool.get_or_insert(tenant(number), |config| {
            let builder = blocking::TokenSource::builder(config);
            builder.runtime(clock.clone()).build(server.transport())
        });
        source.token_within(Duration::from_millis(100))
    };
    let (_, _) = (token(0).unwrap_err(), token(1).unwrap_err());
    let requests = server.requests();
    for number in 2..1000 {
        assert_eq!(token(number).unwrap_err().status().unwrap(), 503);
    }
    assert_eq!(
        server.requests(),
        requests,
        "two sources know that it fails"
    );
    clock.advance(Duration::from_secs(5));
    assert!(token(1000).is_err() && token(1001).is_err());
    assert_eq!(server.requests(), requests + 1, "one of them probes it");
    server.is_up.store(true, Ordering::Relaxed);
    clock.advance(Duration::from_secs(60));
    assert!((0..1000).all(|number| token(number).is_ok()));
    assert_eq!(server.requests(), requests + 1001);
}

// fault: failing-endpoint-is-asked-by-all
#[test]
fn failing_endpoint_is_probed_by_one_source_for_tasks() {
    let (server, clock, endpoints) = (Server::default(), Clock::new(), Endpoints::default());
    let token = |number, shared: &[&Endpoints]| {
        let builder = nonblocking::Builder::new(tenant(number), clock.clone());
        let source = builder.build(server.transport());
        shared
            .iter()
            .for_each(|endpoints| source.share_endpoints(endpoints));
        block_on(source.token_within(Duration::from_millis(100)))
    };
    let other = Endpoints::default();
    assert!((0..2).all(|number| token(number, &[&endpoints, &other]).is_err()));
    let requests = server.requests();
    assert!(token(2, &[&endpoints]).is_err());
    assert_eq!(server.requests(), requests);
    assert!(token(3, &[&other]).is_err() && token(4, &[]).is_err());
    assert!(
        server.requests() >= requests + 2,
        "the first that are shared count"
    );
}
