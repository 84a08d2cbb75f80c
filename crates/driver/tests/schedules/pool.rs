//! A pool that several threads fill, empty and rotate.

use std::sync::{Arc, Mutex};

use edge_oauth_no_io::{Config, Secret};

use crate::endpoints::Endpoints;
use crate::pool::{PooledSource, TokenSourcePool};
use crate::schedules::check::explore;
use crate::schedules::seeded::Seeded;
use crate::schedules::source::Kind;
use crate::schedules::world::{Job, World};
use crate::sync::atomic::{AtomicUsize, Ordering};

/// A source that remembers its configuration. A new one arrives after a switch to another thread.
#[derive(Clone)]
struct Kept(Arc<Inner>);

struct Inner {
    secret: Mutex<String>,
    wire: AtomicUsize,
    seeded: Seeded,
}

impl Kept {
    fn new(config: &Config, seeded: Seeded) -> Self {
        Self(Arc::new(Inner {
            secret: Mutex::new(secret(config)),
            wire: AtomicUsize::new(0),
            seeded,
        }))
    }
}

impl PooledSource for Kept {
    fn replace_config(&self, config: Config) {
        self.0.wire.load(Ordering::SeqCst);
        if self.0.seeded != Seeded::LostRotation {
            *self.0.secret.lock().unwrap() = secret(&config);
        }
    }

    fn share_endpoints(&self, _: &Endpoints) {}
}

fn secret(config: &Config) -> String {
    config.client_secret().unwrap().expose().to_owned()
}

fn config(tenant: usize, secret: &str) -> Config {
    let builder = Config::builder("https://login.example/token", format!("tenant-{tenant}"));
    builder.client_secret(Secret::new(secret)).build().unwrap()
}

fn pool(capacity: usize) -> Arc<TokenSourcePool<Kept>> {
    Arc::new(TokenSourcePool::new(capacity.try_into().unwrap()))
}

#[test]
fn bound() {
    explore(concat!(module_path!(), "::bound"), || {
        sources_at_the_bound(Kind::Threads, Seeded::Nothing)
    });
}

pub(crate) fn sources_at_the_bound(_: Kind, seeded: Seeded) {
    let world = World::new(seeded);
    let pool = pool(if seeded == Seeded::LargePool { 3 } else { 2 });
    let configs: Vec<_> = (0..3).map(|tenant| config(tenant, "s3cret")).collect();
    world.run((0..3).map(|first| -> Job {
        let (pool, configs) = (Arc::clone(&pool), configs.clone());
        Box::new(move || {
            for tenant in [first, (first + 1) % 3] {
                let config = configs[tenant].clone();
                drop(pool.get_or_insert(config, |config| Kept::new(&config, seeded)));
                let sources = pool.len();
                assert!(sources <= 2, "{sources} sources in the pool");
            }
            if pool.remove(configs[first].cache_key()).is_some() {
                assert!(pool.len() <= 2);
            }
        })
    }));
    // Each is there once, and can be removed.
    let left = pool.sources();
    for (config, _) in &left {
        assert!(pool.remove(config.cache_key()).is_some());
    }
    assert!(pool.is_empty());
}

#[test]
fn rotation() {
    explore(concat!(module_path!(), "::rotation"), || {
        rotations(Kind::Threads, Seeded::Nothing)
    });
}

/// Two threads rotate one source. At the end it has the configuration that the pool has.
pub(crate) fn rotations(_: Kind, seeded: Seeded) {
    let world = World::new(seeded);
    let pool = pool(2);
    let get = move |pool: &TokenSourcePool<Kept>, secret: &str| {
        pool.get_or_insert(config(0, secret), |config| Kept::new(&config, seeded))
    };
    get(&pool, "old");
    world.run(["second", "third"].map(|secret| -> Job {
        let pool = Arc::clone(&pool);
        Box::new(move || drop(get(&pool, secret)))
    }));
    let (config, source) = pool.sources().remove(0);
    let has = source.0.secret.lock().unwrap().clone();
    assert_eq!(has, secret(&config), "the secret of the source");
}
