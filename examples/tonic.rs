//! gRPC calls with tonic, by an interceptor and by the tower layer, while the token is refreshed twenty times.
//!
//! ```sh
//! cargo run --example tonic --features tonic
//! ```
//!
//! The clock is played, so that a lifetime of ten minutes takes milliseconds. In each lifetime, a hundred calls are made
//! while the token server keeps the response to the refresh back: all of them end, so none of them waits for it.
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use std::collections::HashMap;
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use edge_oauth_driver::nonblocking::{Builder, Runtime, TokenSource};
use edge_oauth_driver::testing::Clock;
use edge_oauth_local::{AUDIENCE, LocalEdge, Options};
use edge_oauth_no_io::Moment;
use edge_oauth_tower::{
    BearerLayer, BoxFuture, Config, HyperTransport, Origin, PeekedBody, Secret, Tokio, http,
};
use tonic::body::Body;
use tonic::metadata::MetadataValue;
use tonic::service::interceptor::{InterceptedService, Interceptor};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tower::ServiceBuilder;

/// Reads the cached token. An interceptor is synchronous, so it cannot wait for one.
#[derive(Clone)]
struct Bearer<R>(TokenSource<R>);

impl<R: Runtime> Interceptor for Bearer<R> {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let token = self.0.try_token();
        let token = token.ok_or_else(|| Status::unavailable("there is no access token yet"))?;
        let value = MetadataValue::try_from(token.authorization().as_bytes());
        let mut value = value.map_err(|_| Status::internal("the token is no header value"))?;
        value.set_sensitive(true);
        request.metadata_mut().insert("authorization", value);
        Ok(request)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let edge = LocalEdge::start_with(Options::default().lifetime(LIFETIME))?;
    let clock = Clock::manual();
    let service = Service::new(clock.clone());
    let address = serve(service.clone())?;

    let config = Config::builder(edge.token_url(), edge.client_id())
        .client_secret(Secret::new(edge.client_secret()))
        .audience(AUDIENCE)
        .build()?;
    let source = Builder::new(config, Played(clock.clone())).build(HyperTransport::new()?);
    // When the program starts: from now on a valid token is cached.
    source.token().await?;

    let url = format!("http://{address}"); // in production: https
    let channel = Channel::from_shared(url.clone())?.connect_lazy();
    let intercepted = InterceptedService::new(channel.clone(), Bearer(source.clone()));
    let intercepted = HealthClient::new(intercepted);
    let layered = ServiceBuilder::new()
        .layer(BearerLayer::new(source.clone(), Origin::from_url(&url)?))
        .map_request(|request: http::Request<PeekedBody<Body>>| request.map(Body::new))
        .service(channel);
    let layered = HealthClient::new(layered);

    for refresh in 1..=REFRESHES {
        clock.advance(ALMOST_EXPIRED);
        let hold = edge.hold();
        let calls = (0..50).flat_map(|_| {
            let (mut intercepted, mut layered) = (intercepted.clone(), layered.clone());
            [
                tokio::spawn(async move { intercepted.check(all()).await.map(drop) }),
                tokio::spawn(async move { layered.check(all()).await.map(drop) }),
            ]
        });
        for call in calls.collect::<Vec<_>>() {
            call.await??;
        }
        edge.wait_for_token_requests(1 + refresh);
        drop(hold);
        assert!(source.settle(Duration::MAX).await);
    }
    let (calls, tokens) = service.seen();
    println!("{calls} calls with {tokens} tokens, and none of them waited for a refresh");
    assert_eq!((calls, tokens), (100 * REFRESHES, REFRESHES));
    assert_eq!(
        edge.served().token_requests,
        1 + REFRESHES,
        "one for each lifetime"
    );

    // The service revokes a token before its lifetime is over. An interceptor sees no response.
    clock.advance(Duration::from_secs(2));
    let (mut intercepted, mut layered) = (intercepted, layered);
    intercepted.check(all()).await?;
    service.revoke_all();
    let code = intercepted
        .check(all())
        .await
        .map_err(|status| status.code());
    assert!(matches!(code, Err(Code::Unauthenticated)));
    layered.check(all()).await?;
    intercepted.check(all()).await?;
    assert_eq!(edge.served().token_requests, 2 + REFRESHES);
    println!("a revoked token was replaced by the layer, and then the interceptor had the new one");
    Ok(())
}

fn all() -> HealthCheckRequest {
    HealthCheckRequest::default()
}

/// tokio, with a clock that the example moves.
#[derive(Clone)]
struct Played(Clock);

impl Runtime for Played {
    fn now(&self) -> Moment {
        self.0.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.sleep(duration)
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        Tokio.spawn(task);
    }
}

/// The health service of tonic, which accepts a token for one lifetime after it first saw it.
#[derive(Clone)]
struct Service {
    clock: Clock,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    calls: u64,
    /// By the monotonic clock, when each token expires.
    tokens: HashMap<String, Duration>,
}

impl Service {
    fn new(clock: Clock) -> Self {
        let seen = Arc::default();
        Self { clock, seen }
    }

    fn seen(&self) -> (u64, u64) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (seen.calls, seen.tokens.len() as u64)
    }

    fn revoke_all(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.tokens
            .values_mut()
            .for_each(|expires| *expires = Duration::ZERO);
    }
}

impl Interceptor for Service {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        let token = request.metadata().get("authorization");
        let token = token.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let token = token.ok_or_else(|| Status::unauthenticated("there is no token"))?;
        let now = self.clock.now().monotonic;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.calls += 1;
        let expires = seen
            .tokens
            .entry(token.to_owned())
            .or_insert(now + LIFETIME);
        match now < *expires {
            true => Ok(request),
            false => Err(Status::unauthenticated("the token has expired")),
        }
    }
}

fn serve(service: Service) -> Result<SocketAddr, Box<dyn Error>> {
    let incoming = TcpIncoming::bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let address = incoming.local_addr()?;
    let (_reporter, health) = tonic_health::server::health_reporter();
    let server = Server::builder().add_service(InterceptedService::new(health, service));
    tokio::spawn(server.serve_with_incoming(incoming));
    Ok(address)
}

const REFRESHES: u64 = 20;
const LIFETIME: Duration = Duration::from_secs(600);
/// After every refresh is due, and before the margin of 30 s begins.
const ALMOST_EXPIRED: Duration = Duration::from_secs(560);
