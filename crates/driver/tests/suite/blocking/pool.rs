//! Many sources in a pool.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;

use edge_oauth_driver::{Options, PooledSource, TokenSourcePool};
use edge_oauth_no_io::{Config, Secret};

use crate::stage::{Stage, config, threads_with};

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
    assert_eq!(sources.len(), 10);
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

#[derive(Clone)]
struct Numbered(usize);

impl PooledSource for Numbered {
    fn replace_config(&self, _: Config) {}
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
        assert!(
            self.pool
                .upgrade()
                .unwrap()
                .get(config().cache_key())
                .is_some()
        );
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
