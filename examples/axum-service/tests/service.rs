//! The service against a local Experience Edge: no account, no network, no sleep.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use edge_oauth_axum_service::{App, serve};
use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_reqwest::{Config, ReqwestTransport, Secret, Tenant, TokenSource};
use experience_edge_api::ExperienceEdge;
use metrics_exporter_prometheus::PrometheusBuilder;
use reqwest::{Client, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};

/// A service that runs.
struct Service {
    edge: LocalEdge,
    source: TokenSource,
    url: String,
    client: Client,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Service {
    async fn start() -> Self {
        Self::with(None, Duration::from_secs(60)).await
    }

    async fn with(secret: Option<&str>, grace: Duration) -> Self {
        let edge = LocalEdge::start().unwrap();
        let secret = Secret::new(secret.unwrap_or(edge.client_secret()));
        let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret)
            .unwrap()
            .to_builder()
            .endpoint(edge.token_url())
            .build()
            .unwrap();
        let source = TokenSource::new(ReqwestTransport::new().unwrap(), config);
        let api = ExperienceEdge::at(edge.base_url()).unwrap();
        // A recorder of this test's own: the process has many services.
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let app = App::new(source.clone(), api, metrics);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or_default() };
        let server = tokio::spawn(serve(listener, app, stopped, grace));
        Self {
            edge,
            source,
            url,
            client: client(),
            stop,
            server,
        }
    }

    async fn get(&self, path: &str) -> Response {
        let url = format!("{}{path}", self.url);
        self.client.get(url).send().await.unwrap()
    }

    async fn status(&self, path: &str) -> u16 {
        self.get(path).await.status().as_u16()
    }
}

fn client() -> Client {
    // Several tests do it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // A kept connection would be one more thing that ends a test.
    let client = Client::builder().no_proxy().pool_max_idle_per_host(0);
    client.build().unwrap()
}

#[tokio::test]
async fn service_is_ready_once_it_has_a_token() {
    let service = Service::start().await;
    let hold = service.edge.hold();
    assert_eq!(service.status("/ready").await, 503);
    assert_eq!(service.status("/live").await, 200);
    drop(hold);
    // The probe has started the request: this joins it.
    service.source.token().await.unwrap();
    assert_eq!(service.status("/ready").await, 200);
    assert_eq!(service.edge.served().token_requests, 1);
}

#[tokio::test]
async fn concurrent_requests_share_one_token_request() {
    let service = Service::start().await;
    let requests: Vec<_> = (0..50)
        .map(|_| {
            let (client, url) = (service.client.clone(), format!("{}/settings", service.url));
            tokio::spawn(async move { client.get(url).send().await.unwrap().status() })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap(), 200);
    }
    assert_eq!(service.edge.served().token_requests, 1);
}

#[tokio::test]
async fn settings_are_json() {
    let service = Service::start().await;
    let response = service.get("/settings").await;
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = response.text().await.unwrap();
    assert!(
        body.contains("contentCacheTtl") || body.contains("contentcachettl"),
        "{body}"
    );
}

#[tokio::test]
async fn rejected_token_is_replaced_within_the_request() {
    let service = Service::start().await;
    service.source.token().await.unwrap();
    let rejected = Fault::status(401).header("www-authenticate", r#"Bearer error="invalid_token""#);
    service.edge.script_api([rejected]).unwrap();
    assert_eq!(service.status("/settings").await, 200);
    assert_eq!(service.edge.served().token_requests, 2);
}

#[tokio::test]
async fn outage_is_a_503_with_the_time_to_wait() {
    let service = Service::start().await;
    let busy = Fault::status(503).header("retry-after", "120");
    service.edge.script([busy]).unwrap();
    let response = service.get("/settings").await;
    assert_eq!(response.status(), 503);
    let wait: u64 = response.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=121).contains(&wait), "{wait}");
    assert_eq!(service.status("/ready").await, 503);
}

#[tokio::test]
async fn wrong_secret_is_a_500_without_details() {
    let service = Service::with(Some("wr0ng"), Duration::ZERO).await;
    let response = service.get("/settings").await;
    assert_eq!(response.status(), 500);
    assert_eq!(response.text().await.unwrap(), "");
}

#[tokio::test]
async fn failing_api_is_a_503() {
    let service = Service::start().await;
    service.edge.script_api([Fault::status(500)]).unwrap();
    assert_eq!(service.status("/settings").await, 503);
    assert_eq!(service.status("/ready").await, 200, "the token is valid");
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_lets_the_request_in_flight_end() {
    let service = Service::start().await;
    let hold = service.edge.hold();
    let (client, url) = (service.client.clone(), format!("{}/settings", service.url));
    let in_flight = tokio::spawn(async move { client.get(url).send().await.unwrap().status() });
    let edge = spawn_blocking(move || {
        service.edge.wait_for_token_requests(1);
        service.edge
    });
    let edge = edge.await.unwrap();
    service.stop.send(()).unwrap();
    drop(hold);
    assert_eq!(in_flight.await.unwrap(), 200);
    service.server.await.unwrap().unwrap();
    let refused = service
        .client
        .get(format!("{}/live", service.url))
        .send()
        .await;
    assert!(refused.is_err(), "it takes no more connections");
    assert_eq!(edge.served().token_requests, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_does_not_outlast_its_grace() {
    let service = Service::with(None, Duration::from_millis(1)).await;
    let hold = service.edge.hold();
    let (client, url) = (service.client.clone(), format!("{}/settings", service.url));
    let in_flight = tokio::spawn(async move { client.get(url).send().await.is_ok() });
    let edge = spawn_blocking(move || {
        service.edge.wait_for_token_requests(1);
        service.edge
    });
    let _edge = edge.await.unwrap();
    service.stop.send(()).unwrap();
    service.server.await.unwrap().unwrap();
    assert!(!in_flight.is_finished(), "the token request is held back");
    drop(hold);
}
