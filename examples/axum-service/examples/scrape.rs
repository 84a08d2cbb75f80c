//! Prints a scrape of the service after an outage, a rejected token, a refresh and a token from a shared store, against a
//! local Experience Edge. The result is docs/metrics/scrape.txt:
//!
//! ```sh
//! cargo run -p edge-oauth-axum-service --example scrape > docs/metrics/scrape.txt
//! ```
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use edge_oauth_axum_service::{App, install_metrics, serve};
use edge_oauth_driver::blocking;
use edge_oauth_driver::testing::{Clock, MemoryStore, ScriptedTransport};
use edge_oauth_local::{Fault, LocalEdge, Options, Quota};
use edge_oauth_reqwest::http::Response;
use edge_oauth_reqwest::{Config, ReqwestTransport, Secret, StoredToken, Tenant, TokenSource};
use experience_edge_api::ExperienceEdge;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Before any source.
    let metrics = install_metrics()?;
    let options = Options::default()
        .rate_limit(100, HOUR)
        .quota(Quota::PerHour(1000))
        .quota(Quota::PerDay(5000));
    let edge = LocalEdge::start_with(options)?;
    let config = Config::experience_edge(
        Tenant::Current,
        edge.client_id(),
        Secret::new(edge.client_secret()),
    )?
    .to_builder()
    .endpoint(edge.token_url())
    .build()?;
    let source = TokenSource::new(ReqwestTransport::new()?, config.clone());
    let app = App::new(
        source.clone(),
        ExperienceEdge::at(edge.base_url())?,
        metrics,
    );
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async { stopped.await.unwrap_or_default() };
    let server = tokio::spawn(serve(listener, app, stopped, Duration::from_secs(10)));

    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| "a provider is there already")?;
    let client = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()?;
    let get = async |path: &str| client.get(format!("{url}{path}")).send().await;

    // An old token is restored, and a probe finds that its refresh is due, which fails.
    edge.script([Fault::status(503)])?;
    let sent = SystemTime::now().duration_since(UNIX_EPOCH)? - DAY * 92 / 100;
    let old = StoredToken::new(
        config.cache_key().clone(),
        Secret::new("old"),
        None,
        sent,
        DAY,
    );
    source.restore(&old);
    get("/ready").await?;
    source.settle(Duration::from_secs(10)).await;
    // The next attempt succeeds.
    source.refresh().await?;
    get("/settings").await?.error_for_status()?;
    // The API rejects the token.
    edge.script_api([
        Fault::status(401).header("www-authenticate", r#"Bearer error="invalid_token""#)
    ])?;
    get("/settings").await?.error_for_status()?;

    let store_client =
        tokio::task::spawn_blocking(|| with_a_store().map_err(|error| error.to_string()));
    let _sources = store_client.await??;

    println!("{}", sorted(&get("/metrics").await?.text().await?));
    stop.send(()).map_err(|()| "the server ended before")?;
    server.await??;
    Ok(())
}

/// Returns the text in an order that does not differ from run to run.
fn sorted(scrape: &str) -> String {
    let metrics = scrape.trim_end().split("\n\n").map(|metric| {
        let mut lines: Vec<_> = metric.lines().collect();
        // The buckets of one series stay in their order, and the comments at the top.
        lines.sort_by_key(|line| match line.starts_with('#') {
            true => "",
            false => line.split_once(",le=").map_or(*line, |(series, _)| series),
        });
        lines.join("\n")
    });
    let mut metrics: Vec<_> = metrics.collect();
    metrics.sort();
    metrics.join("\n\n")
}

/// Two processes share a store: the second takes the token of the first.
fn with_a_store() -> Result<[blocking::TokenSource<Clock>; 2], Box<dyn Error>> {
    let clock = Clock::new();
    let now = clock.clone();
    let store = Arc::new(MemoryStore::with_clock(move || now.now()));
    let source = || -> Result<_, Box<dyn Error>> {
        let config = Config::builder("https://login.example/oauth/token", "with-a-store")
            .client_secret(Secret::new("secret"))
            .build()?;
        let body = r#"{"access_token":"token","expires_in":900}"#;
        let transport = ScriptedTransport::new(move |_| Ok(Response::new(body.into())));
        Ok(blocking::TokenSource::builder(config)
            .runtime(clock.clone())
            .store(Arc::clone(&store))?
            .build(transport))
    };
    let sources = [source()?, source()?];
    for source in &sources {
        source.token()?;
    }
    Ok(sources)
}
