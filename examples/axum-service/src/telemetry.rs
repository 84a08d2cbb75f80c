//! Log lines on standard error, and metrics for Prometheus.

use std::env;
use std::error::Error;
use std::io;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Writes the log to standard error: `info` and above, or what `RUST_LOG` says, such as `edge_oauth=debug,info`.
pub fn install_tracing() {
    let wanted = env::var("RUST_LOG").ok();
    let wanted = wanted.and_then(|wanted| wanted.parse().ok());
    let filter = wanted.unwrap_or(Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .init();
}

/// Installs the recorder of the process. Call it before you build a source, which describes its metrics then.
///
/// # Errors
///
/// Returns an error if the process has a recorder already.
pub fn install_metrics() -> Result<PrometheusHandle, Box<dyn Error>> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(REQUEST_DURATION.into()), &REQUEST_BUCKETS)?
        .set_buckets_for_metric(Matcher::Prefix("edge_oauth_".into()), &BUCKETS)?;
    Ok(recorder.install_recorder()?)
}

const REQUEST_DURATION: &str = "edge_oauth_token_request_duration_seconds";
const REQUEST_BUCKETS: [f64; 8] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// For backoffs and for ages of tokens.
const BUCKETS: [f64; 8] = [0.1, 1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 86400.0];
