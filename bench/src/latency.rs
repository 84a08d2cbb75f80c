//! The time of `token()` while tokens are refreshed at an endpoint that takes half a second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use edge_oauth_local::{Fault, LocalEdge, Options};
use edge_oauth_no_io::{Config, Secret};
use edge_oauth_reqwest::{ReqwestTransport, TokenSource};
use tokio::runtime::Builder;

use crate::huskarl_source;
use crate::report::Report;

struct Latency {
    name: &'static str,
    refreshes: u64,
    calls: usize,
    /// p50, p99, p99.9 and the maximum, in microseconds.
    percentiles: [f64; 4],
}

const LIFE: Duration = Duration::from_secs(6);
const SLOW: Duration = Duration::from_millis(500);
const CALLERS: usize = 8;
const PACE: Duration = Duration::from_millis(2);

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/latency.md"));
    let rows = measure(20);
    let cells = rows.iter().map(|row| {
        let mut cells = vec![
            row.name.to_owned(),
            row.refreshes.to_string(),
            row.calls.to_string(),
        ];
        cells.extend(row.percentiles.map(|micros| format!("{micros:.1}")));
        cells
    });
    report.table(
        &[
            "library",
            "refreshes",
            "calls",
            "p50",
            "p99",
            "p99.9",
            "maximum",
        ],
        &cells.collect::<Vec<_>>(),
    );
    report.at_most(
        "edge-oauth: longest call to the token endpoint's delay",
        0.1,
        rows[0].percentiles[3] / (SLOW.as_secs_f64() * 1e6),
        None,
    );
    report.verdicts();
}

/// Measures both libraries at the same time, each with its own server.
fn measure(refreshes: u64) -> Vec<Latency> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime of two threads").block_on(async {
        let ours = async {
            let edge = edge();
            let config = Config::builder(edge.token_url(), edge.client_id())
                .client_secret(Secret::new(edge.client_secret()))
                .build();
            let config = config.and_then(|config| {
                config
                    .to_builder()
                    .audience(edge_oauth_local::AUDIENCE)
                    .build()
            });
            let transport = ReqwestTransport::new().expect("the settings are taken");
            let source = TokenSource::new(transport, config.expect("the sample is valid"));
            load("edge-oauth", &edge, refreshes, move || {
                let source = source.clone();
                async move { source.token().await.is_ok() }
            })
            .await
        };
        let neighbour = async {
            let edge = edge();
            let authorizer = Arc::new(huskarl_source::huskarl(&edge));
            load("huskarl", &edge, refreshes, move || {
                let authorizer = Arc::clone(&authorizer);
                async move { huskarl_source::ask(&authorizer).await }
            })
            .await
        };
        let (ours, neighbour) = tokio::join!(ours, neighbour);
        vec![ours, neighbour]
    })
}

fn edge() -> LocalEdge {
    let edge = LocalEdge::start_with(Options::default().lifetime(LIFE)).expect("the loopback");
    edge.script(vec![Fault::delay(SLOW); 1000])
        .expect("a delay is a fault");
    edge
}

async fn load<F: Future<Output = bool> + Send>(
    name: &'static str,
    edge: &LocalEdge,
    refreshes: u64,
    call: impl Fn() -> F + Clone + Send + 'static,
) -> Latency {
    assert!(call().await, "the first token");
    let until = edge.served().tokens_issued + refreshes;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (call, stopped) = (call.clone(), stopped.clone());
            tokio::spawn(async move {
                let mut took = Vec::new();
                while !*stopped.borrow() {
                    let start = Instant::now();
                    assert!(call().await, "a token");
                    took.push(start.elapsed());
                    tokio::time::sleep(PACE).await;
                }
                took
            })
        })
        .collect();
    while edge.served().tokens_issued < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let _ = stop.send(true);
    let mut took = Vec::new();
    for caller in callers {
        took.extend(caller.await.expect("a caller does not panic"));
    }
    took.sort();
    let at =
        |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_nanos() as f64 / 1000.0;
    Latency {
        name,
        refreshes,
        calls: took.len(),
        percentiles: [at(0.5), at(0.99), at(0.999), at(1.0)],
    }
}
