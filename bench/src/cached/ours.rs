//! A source of edge-oauth with a cached token.

use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use edge_oauth_driver::testing::{MemoryStore, block_on};
use edge_oauth_driver::{BoxFuture, blocking, nonblocking, system_time};
use edge_oauth_no_io::{Moment, RequestLimits, Secret, SecretBytes, StoredToken, TransportError};
use http::{Request, Response};

use crate::case::Run;
use crate::sample;

/// Responds immediately, without a network.
pub(crate) struct Canned;

type Outcome = Result<Response<SecretBytes>, TransportError>;

fn response() -> Outcome {
    Ok(Response::new(SecretBytes::new(sample::response().into())))
}

impl blocking::Transport for Canned {
    fn send(&self, _: Request<SecretBytes>, _: RequestLimits) -> Outcome {
        response()
    }
}

impl nonblocking::Transport for Canned {
    async fn send(&self, _: Request<SecretBytes>, _: RequestLimits) -> Outcome {
        response()
    }
}

/// A runtime without timers and tasks.
#[derive(Default)]
pub(crate) struct Bare;

impl nonblocking::Runtime for Bare {
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }

    fn spawn(&self, _: BoxFuture<'static, ()>) {}
}

pub(crate) fn authorization() -> Run {
    let source = blocking::TokenSource::new(Canned, sample::config(sample::ENDPOINT));
    Arc::new(move |times| {
        for _ in 0..times {
            black_box(source.authorization().expect("it is cached"));
        }
    })
}

/// Asks one source after the other.
pub(crate) fn sources() -> Run {
    let sources: Vec<_> = (0..64)
        .map(|_| blocking::TokenSource::new(Canned, sample::config(sample::ENDPOINT)))
        .collect();
    let first = move |times| {
        for source in sources.iter().cycle().take(times as usize) {
            black_box(source.authorization().expect("it is cached"));
        }
    };
    // Each has its token before the first call that is counted.
    first(64);
    Arc::new(first)
}

pub(crate) fn with_a_store() -> Run {
    let source = blocking::TokenSource::builder(sample::config(sample::ENDPOINT))
        .store(MemoryStore::new())
        .expect("it needs no key")
        .build(Canned);
    Arc::new(move |times| {
        for _ in 0..times {
            black_box(source.authorization().expect("it is held"));
        }
    })
}

pub(crate) fn token() -> Run {
    let source = blocking::TokenSource::new(Canned, sample::config(sample::ENDPOINT));
    Arc::new(move |times| {
        for _ in 0..times {
            black_box(source.token().expect("it is cached").authorization());
        }
    })
}

pub(crate) fn authorization_of_tasks() -> Run {
    let source = nonblocking::TokenSource::<Bare>::new(Canned, sample::config(sample::ENDPOINT));
    Arc::new(move |times| {
        block_on(async {
            for _ in 0..times {
                black_box(source.authorization().await.expect("it is cached"));
            }
        });
    })
}

/// A clock that stands still.
struct Timeless(Moment);

impl blocking::Runtime for Timeless {
    fn now(&self) -> Moment {
        self.0
    }
}

pub(crate) fn timeless() -> Run {
    let source = blocking::TokenSource::builder(sample::config(sample::ENDPOINT))
        .runtime(Timeless(system_time()))
        .build(Canned);
    Arc::new(move |times| {
        for _ in 0..times {
            black_box(source.authorization().expect("it is cached"));
        }
    })
}

/// Never responds.
struct Stuck(
    Mutex<mpsc::Receiver<()>>,
    #[expect(dead_code, reason = "kept, so that the other end waits")] mpsc::Sender<()>,
);

impl blocking::Transport for Stuck {
    fn send(&self, _: Request<SecretBytes>, _: RequestLimits) -> Outcome {
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).recv();
        response()
    }
}

/// The refresh is in flight during the whole measurement.
pub(crate) fn during_a_refresh() -> Run {
    let (ever, never) = mpsc::channel();
    let source = blocking::TokenSource::new(
        Stuck(Mutex::new(never), ever),
        sample::config(sample::ENDPOINT),
    );
    let lifetime = Duration::from_secs(86_400);
    let key = source.config().cache_key().clone();
    let sent = system_time().wall - lifetime / 100 * 92;
    let token = Secret::new(sample::token());
    let is_due = source.restore(&StoredToken::new(key, token, None, sent, lifetime));
    assert!(is_due, "the stored token is usable");
    Arc::new(move |times| {
        for _ in 0..times {
            black_box(source.authorization().expect("it is cached"));
        }
    })
}
