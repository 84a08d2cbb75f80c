//! The layer and the transport against a local Experience Edge, over real sockets.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use bytes::Bytes;
use edge_oauth_conformance::{StartCaller, check_rejected_tokens};
use edge_oauth_driver::nonblocking::{Runtime as _, Transport as _};
use edge_oauth_local::{Expired, LocalEdge, Options};
use edge_oauth_tower::{
    BearerLayer, BearerService, BoxError, Config, HyperTransport, Origin, PeekedBody,
    RequestLimits, Secret, SecretBytes, Tenant, TokenSource, Tokio, TransportErrorKind,
    hardened_client,
};
use http::{Request, Response};
use http_body_util::Full;
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

fn source(edge: &LocalEdge) -> TokenSource {
    let secret = Secret::new(edge.client_secret());
    let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret).unwrap();
    let config = config.to_builder().endpoint(edge.token_url());
    TokenSource::new(HyperTransport::new().unwrap(), config.build().unwrap())
}

fn layer(edge: &LocalEdge) -> BearerLayer<Tokio> {
    BearerLayer::new(source(edge), Origin::from_url(edge.base_url()).unwrap())
}

fn settings(edge: &LocalEdge) -> Request<Full<Bytes>> {
    let url = format!("{}/api/admin/v1/settings", edge.base_url());
    Request::get(url).body(Full::default()).unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A client of reqwest as a service.
fn reqwest_client() -> impl Service<
    Request<PeekedBody<Full<Bytes>>>,
    Response = Response<reqwest::Body>,
    Error = reqwest::Error,
    Future: Send,
> + Clone {
    let tls = edge_oauth_tower::rustls::ClientConfig::builder_with_provider(
        edge_oauth_tower::rustls::crypto::ring::default_provider().into(),
    );
    let tls = tls.with_safe_default_protocol_versions().unwrap();
    let tls = tls
        .with_root_certificates(edge_oauth_tower::rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls);
    let client = client.no_proxy().build().unwrap();
    service_fn(move |request: Request<PeekedBody<_>>| {
        let client = client.clone();
        async move {
            let request = request.map(reqwest::Body::wrap).try_into()?;
            client.execute(request).await.map(Response::from)
        }
    })
}

/// Calls with a new service, or with a clone of one that has called before.
fn caller<S, D>(edge: &LocalEdge, service: BearerService<S, Tokio>) -> Box<dyn Fn() -> u16>
where
    BearerService<S, Tokio>:
        Service<Request<Full<Bytes>>, Response = Response<D>, Error = BoxError> + Clone + 'static,
    D: 'static,
{
    let (runtime, settings) = (runtime(), settings(edge));
    Box::new(move || {
        let response = runtime.block_on(service.clone().oneshot(settings.clone()));
        response.unwrap().status().into()
    })
}

/// The ways to call an API.
const CALLERS: [(&str, StartCaller); 3] = [
    ("send", |edge| {
        let (runtime, source) = (runtime(), source(edge));
        let request = settings(edge).map(|_| Vec::new());
        Box::new(move || {
            let response = runtime.block_on(source.send(&request)).unwrap();
            response.status().into()
        })
    }),
    ("hyper", |edge| {
        let client = hardened_client::<PeekedBody<Full<Bytes>>>().unwrap();
        caller(edge, layer(edge).layer(client))
    }),
    ("reqwest", |edge| {
        caller(edge, layer(edge).layer(reqwest_client()))
    }),
];

// fault: rejected-token-sent-twice
#[test]
fn rejected_token_costs_every_caller_the_same_requests() {
    check_rejected_tokens(&CALLERS);
}

#[tokio::test]
async fn expired_token_is_replaced_however_the_api_says_so() {
    for expired in [Expired::Unauthorized, Expired::Forbidden] {
        let edge = LocalEdge::start_with(Options::default().expired_as(expired)).unwrap();
        let layer = layer(&edge);
        let mut client = ServiceBuilder::new()
            .layer(&layer)
            .service(hardened_client().unwrap());
        for (advance, tokens, requests) in [(0, 1, 1), (2 * 86_400, 2, 3), (0, 2, 4)] {
            edge.advance(Duration::from_secs(advance));
            let client = client.ready().await.unwrap();
            assert_eq!(client.call(settings(&edge)).await.unwrap().status(), 200);
            let served = edge.served();
            assert_eq!(
                (served.token_requests, served.api_requests),
                (tokens, requests)
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundred_services_of_a_layer_share_one_token_request() {
    let edge = LocalEdge::start().unwrap();
    let (layer, client) = (layer(&edge), hardened_client().unwrap());
    let hold = edge.hold();
    let calls: Vec<_> = (0..100)
        .map(|_| tokio::spawn(layer.layer(client.clone()).oneshot(settings(&edge))))
        .collect();
    edge.wait_for_token_requests(1);
    drop(hold);
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(edge.served().token_requests, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn try_token_starts_one_request_and_waits_for_none() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    let hold = edge.hold();
    assert!(source.try_token().is_none());
    edge.wait_for_token_requests(1);
    assert!(source.try_token().is_none());
    drop(hold);
    assert!(source.settle(Duration::from_secs(60)).await);
    assert!(source.try_token().is_some());
    assert_eq!(edge.served().token_requests, 1);
}

// fault: connection-of-another-runtime
#[test]
fn source_serves_two_runtimes_of_which_one_is_not_driven() {
    let edge = LocalEdge::start().unwrap();
    let source = source(&edge);
    let runtimes = [runtime(), runtime()];
    let request = settings(&edge).map(|_| Vec::new());
    for runtime in [&runtimes[0], &runtimes[1], &runtimes[0]] {
        let token = runtime.block_on(source.token()).unwrap();
        let response = runtime.block_on(source.send(&request)).unwrap();
        assert_eq!(response.status(), 200);
        source.invalidate(&token);
    }
}

#[test]
fn transport_and_runtime_outside_of_tokio_do_not_panic() {
    use edge_oauth_driver::testing::block_on;

    let edge = LocalEdge::start().unwrap();
    let transport = HyperTransport::new().unwrap();
    let request = settings(&edge).map(|_| SecretBytes::new(Vec::new()));
    let limits = RequestLimits::token(Duration::from_secs(60));
    let error = block_on(transport.send(request, limits)).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Other);
    block_on(Tokio.sleep(Duration::ZERO));
    Tokio.spawn(Box::pin(async { panic!("nothing runs it") }));
    let source = source(&edge);
    assert!(source.try_token().is_none());
    let settled = block_on(source.settle(Duration::ZERO));
    assert!(settled && source.try_token().is_none());
    assert_eq!(edge.served().token_requests, 0);
}
