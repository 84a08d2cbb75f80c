//! A thousand callers at once where nothing usable is held.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use edge_oauth_driver::{blocking, system_time, tasks};
use edge_oauth_no_io::{RequestLimits, Moment, SecretBytes, TransportError};
use edge_oauth_reqwest::ReqwestTransport;
use edge_oauth_ureq::UreqTransport;
use http::{Request, Response};

use crate::case::runtime;
use crate::endpoint::Endpoint;
use crate::sample;

pub(crate) struct Herd {
    pub(crate) situation: &'static str,
    pub(crate) client: &'static str,
    pub(crate) requests: usize,
    /// Of the server's delay, until the last caller was served.
    pub(crate) last: f64,
}

pub(crate) const CALLERS: usize = 1000;
pub(crate) const DELAY: Duration = Duration::from_millis(500);

pub(crate) fn measure() -> Vec<Herd> {
    let short = sample::answer().replace("86400", "1");
    let situations = [
        ("cold", "200 OK", sample::answer().to_owned(), false),
        ("expired", "200 OK", sample::answer().to_owned(), true),
        ("life below the margin", "200 OK", short, false),
        (
            "refused",
            "401 Unauthorized",
            sample::WRONG_SECRET.to_owned(),
            false,
        ),
    ];
    let mut herds = Vec::new();
    for (situation, status, body, expired) in situations {
        for (client, ask) in [
            ("ureq, threads", threads as Ask),
            ("reqwest, tasks", of_tasks),
        ] {
            let endpoint = Endpoint::start(status, body.clone(), DELAY);
            let took = ask(&endpoint, expired);
            herds.push(Herd {
                situation,
                client,
                requests: endpoint.requests() - usize::from(expired),
                last: took.as_secs_f64() / DELAY.as_secs_f64(),
            });
        }
    }
    herds
}

type Ask = fn(&Endpoint, bool) -> Duration;

/// A transport whose clocks can be set forward.
struct Later<T> {
    transport: T,
    by: AtomicU64,
}

impl<T> Later<T> {
    fn time(&self) -> Moment {
        system_time().after(Duration::from_secs(self.by.load(Ordering::Relaxed)))
    }
}

/// So that the test can reach the clock that the source owns.
struct Shared<T: 'static>(&'static Later<T>);

fn later<T>(transport: T) -> (Shared<T>, &'static Later<T>) {
    let later = Box::leak(Box::new(Later {
        transport,
        by: AtomicU64::new(0),
    }));
    (Shared(later), later)
}

impl blocking::Transport for Shared<UreqTransport> {
    fn send(
        &self,
        request: Request<SecretBytes>,
        bounds: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.0.transport.send(request, bounds)
    }

    fn now(&self) -> Moment {
        self.0.time()
    }
}

impl nonblocking::Transport for Shared<ReqwestTransport> {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        bounds: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.0.transport.send(request, bounds).await
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        self.0.transport.sleep(duration)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.transport.spawn(task);
    }

    fn now(&self) -> Moment {
        self.0.time()
    }
}

const DAY: u64 = 86_400;

fn threads(endpoint: &Endpoint, expired: bool) -> Duration {
    let (transport, clock) = later(UreqTransport::new());
    let source = blocking::TokenSource::new(transport, sample::config(&endpoint.url()));
    if expired {
        source.token().expect("the endpoint serves");
        clock.by.store(DAY, Ordering::Relaxed);
    }
    let gate = Barrier::new(CALLERS + 1);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                scope.spawn(|| {
                    gate.wait();
                    let _ = source.token();
                })
            })
            .collect();
        gate.wait();
        let start = Instant::now();
        for caller in callers {
            caller.join().expect("a caller does not panic");
        }
        start.elapsed()
    })
}

fn of_tasks(endpoint: &Endpoint, expired: bool) -> Duration {
    runtime().block_on(async {
        let (transport, clock) = later(ReqwestTransport::new().expect("the settings are taken"));
        let source = nonblocking::TokenSource::new(transport, sample::config(&endpoint.url()));
        if expired {
            source.token().await.expect("the endpoint serves");
            clock.by.store(DAY, Ordering::Relaxed);
        }
        let start = Instant::now();
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let source = source.clone();
                tokio::spawn(async move { source.token().await.is_ok() })
            })
            .collect();
        for caller in callers {
            caller.await.expect("a caller does not panic");
        }
        start.elapsed()
    })
}
