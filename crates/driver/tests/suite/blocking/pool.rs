//! Many sources in a pool.

use std::thread;

use edge_oauth_driver::{Options, PooledSource, TokenSourcePool};
use edge_oauth_no_io::Config;

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
