//! One process of the fleet: asks for a token again and again, and reports what it gets.

use std::collections::HashSet;
use std::error::Error;
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use edge_oauth_redis::{RedisStore, redis};
use edge_oauth_store::FileStore;
use edge_oauth_ureq::{Config, Event, Options, Secret, Store, Tenant, TokenSource, UreqTransport};

use crate::report::{self, Report};
use crate::watched::{WatchedStore, WatchedTransport, micros};

/// Runs until standard input ends. The arguments are those of [`arguments`].
pub(crate) fn run(words: &[String]) -> Result<(), Box<dyn Error>> {
    let [number, token_url, client_id, secret, store, pause] = words else {
        return Err("a member is started by the harness".into());
    };
    report::set_member(number.parse()?);
    let pause = Duration::from_millis(pause.parse()?);
    let config = Config::experience_edge(Tenant::Current, client_id, Secret::new(secret.as_str()))?
        .to_builder()
        .endpoint(token_url)
        .build()?;
    let options = Options::default().on_event(|event| match event {
        Event::StoreFailed { .. } => Report::StoreFailed.send(),
        Event::Fetched { lifetime, took, .. } => note_end(*lifetime, *took),
        Event::Adopted { lifetime, age, .. } => note_end(*lifetime, *age),
        _ => {}
    });
    let mut builder = TokenSource::builder(config).options(options);
    if let Some(store) = open(store)? {
        builder = builder.store(WatchedStore(store))?;
    }
    let source = builder.build(WatchedTransport(UreqTransport::new()));

    Report::Ready.send();
    if std::io::stdin().lock().read_line(&mut String::new())? == 0 {
        return Ok(());
    }
    let rejects = orders();
    let mut rejected = HashSet::new();
    let (mut sure_until, mut lifetime) = (0, 0);
    loop {
        let asked = micros();
        let began = Instant::now();
        match source.token() {
            Ok(token) => {
                let waited = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                let was_cached = asked < sure_until;
                if !was_cached || waited >= NOTABLE {
                    Report::Waited {
                        was_cached,
                        micros: waited,
                    }
                    .send();
                }
                let expires = token.claims().and_then(|claims| claims.expires_at());
                let expires = expires.ok_or("a token without an expiry")?;
                let expires = u64::try_from(expires.as_micros())?;
                if rejected.contains(token.expose()) {
                    Report::Rejected.send();
                }
                // Its margin is a tenth of its lifetime, and `exp` is in whole seconds.
                lifetime = lifetime.max(expires.saturating_sub(micros()));
                // `exp` is cut to whole seconds, and the margin of a token of less than 10 s is shorter than that.
                let cut = if lifetime < 9_000_000 { 1_000_000 } else { 0 };
                if expires + cut <= asked {
                    Report::Expired.send();
                }
                // The lifetime counts from the request. If its process was stopped before the request left, `exp` is later.
                sure_until = expires
                    .saturating_sub(lifetime / 10 + 1_000_000)
                    .min(ENDS.load(Ordering::Relaxed));
                if rejects.swap(false, Ordering::Relaxed) {
                    source.invalidate(&token);
                    rejected.insert(token.expose().to_owned());
                    sure_until = 0;
                }
            }
            Err(error) => Report::Error(error.to_string()).send(),
        }
        thread::sleep(pause);
    }
}

/// Notes when the source stops to hand out its token: at its margin, a tenth of its lifetime before its end.
fn note_end(lifetime: Duration, age: Duration) {
    let left = (lifetime * 9 / 10).saturating_sub(age);
    let left = u64::try_from(left.as_micros()).unwrap_or(u64::MAX);
    ENDS.store(micros().saturating_add(left), Ordering::Relaxed);
}

/// Returns the arguments of a member.
pub(crate) fn arguments(
    number: usize,
    edge: &edge_oauth_local::LocalEdge,
    store: &str,
    pause: Duration,
) -> [String; 7] {
    [
        "member".to_owned(),
        number.to_string(),
        edge.token_url().to_owned(),
        edge.client_id().to_owned(),
        // The secret belongs to a server on the loopback that ends with the harness.
        edge.client_secret().to_owned(),
        store.to_owned(),
        pause.as_millis().to_string(),
    ]
}

fn open(store: &str) -> Result<Option<Box<dyn Store>>, Box<dyn Error>> {
    Ok(if store == "none" {
        None
    } else if let Some(folder) = store.strip_prefix("file:") {
        Some(Box::new(FileStore::open(folder)?))
    } else {
        Some(Box::new(RedisStore::new(redis::Client::open(store)?)?))
    })
}

/// Returns the flag that a line on standard input sets. The end of the input ends the process.
fn orders() -> Arc<AtomicBool> {
    let rejects = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&rejects);
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            match line {
                Ok(_) => flag.store(true, Ordering::Relaxed),
                Err(_) => break,
            }
        }
        std::process::exit(0);
    });
    rejects
}

/// By the wall clock, in microseconds.
static ENDS: AtomicU64 = AtomicU64::new(0);

/// Shorter calls with a cached token are not reported, in microseconds.
const NOTABLE: u64 = 1000;
