//! A thousand callers at once without a valid cached token, over a client.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use edge_oauth_driver::blocking::Threads;
use edge_oauth_driver::{BoxFuture, blocking, nonblocking, system_time};
use edge_oauth_no_io::Moment;
use edge_oauth_reqwest::{ReqwestTransport, Tokio};
use edge_oauth_ureq::UreqTransport;

use crate::case::runtime;
use crate::endpoint::Endpoint;
use crate::report::{Report, number};
use crate::sample;

/// The outcome of one situation.
struct SingleFlight {
    situation: &'static str,
    client: &'static str,
    requests: usize,
    /// The time until the last caller was served, as a multiple of the server's delay.
    last: f64,
}

const CALLERS: usize = 1000;
const DELAY: Duration = Duration::from_millis(500);

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/single_flight.md"));
    let rows = measure();
    let cells = rows.iter().map(|row| {
        vec![
            row.situation.to_owned(),
            row.client.to_owned(),
            row.requests.to_string(),
            number(row.last),
        ]
    });
    report.table(
        &[
            "situation",
            "client",
            "requests",
            "last caller, times the server's time",
        ],
        &cells.collect::<Vec<_>>(),
    );
    for row in rows {
        let name = format!("{}, {}", row.situation, row.client);
        report.at_most(format!("{name}: requests"), 1.0, row.requests as f64, None);
        report.at_most(
            format!("{name}: last caller, times the server's time"),
            1.15,
            row.last,
            None,
        );
    }
    report.verdicts();
}

fn measure() -> Vec<SingleFlight> {
    let short = sample::response().replace("86400", "1");
    let situations = [
        ("cold", "200 OK", sample::response().to_owned(), false),
        ("expired", "200 OK", sample::response().to_owned(), true),
        ("lifetime below the margin", "200 OK", short, false),
        (
            "error response",
            "401 Unauthorized",
            sample::WRONG_SECRET.to_owned(),
            false,
        ),
    ];
    let mut rows = Vec::new();
    for (situation, status, body, expired) in situations {
        for (client, ask) in [("ureq, threads", threads as Ask), ("reqwest, tasks", tasks)] {
            let endpoint = Endpoint::start(status, body.clone(), DELAY);
            let took = ask(&endpoint, expired);
            rows.push(SingleFlight {
                situation,
                client,
                requests: endpoint.requests() - usize::from(expired),
                last: took.as_secs_f64() / DELAY.as_secs_f64(),
            });
        }
    }
    rows
}

type Ask = fn(&Endpoint, bool) -> Duration;

/// A runtime whose clocks can be set forward. All copies share their clocks.
#[derive(Clone, Copy)]
struct Later<R: 'static> {
    runtime: R,
    by: &'static AtomicU64,
}

fn later<R>(runtime: R) -> Later<R> {
    Later {
        runtime,
        by: Box::leak(Box::default()),
    }
}

impl<R> Later<R> {
    fn time(&self) -> Moment {
        system_time().after(Duration::from_secs(self.by.load(Ordering::Relaxed)))
    }
}

impl blocking::Runtime for Later<Threads> {
    fn now(&self) -> Moment {
        self.time()
    }
}

impl nonblocking::Runtime for Later<Tokio> {
    fn now(&self) -> Moment {
        self.time()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.runtime.sleep(duration)
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.runtime.spawn(task);
    }
}

const DAY: u64 = 86_400;

fn threads(endpoint: &Endpoint, expired: bool) -> Duration {
    let clock = later(Threads);
    let source = blocking::TokenSource::builder(sample::config(&endpoint.url()))
        .runtime(clock)
        .build(UreqTransport::new());
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

fn tasks(endpoint: &Endpoint, expired: bool) -> Duration {
    runtime().block_on(async {
        let clock = later(Tokio);
        let transport = ReqwestTransport::new().expect("the settings are taken");
        let config = sample::config(&endpoint.url());
        let source = nonblocking::Builder::new(config, clock).build(transport);
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
