//! A token source over each transport, and the tower layer.

use async_std::task::block_on;
use edge_oauth_driver::CallError;
use edge_oauth_no_io::{
    Config, Operation, Origin, SecretBytes, TransportError, TransportErrorKind,
};
use edge_oauth_reqwest::ReqwestTransport;
use edge_oauth_surf::SurfTransport;
use edge_oauth_tower::{BearerLayer, BoxError, HyperTransport, PeekedBody, hardened_client};
use edge_oauth_ureq::UreqTransport;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::runtime;
use tower::{Layer, ServiceExt};

/// A token source over one transport. An asynchronous one blocks on its runtime.
pub(crate) trait Caller {
    /// Returns a source without a cached token.
    fn new(config: Config) -> Self;

    fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError>;
}

pub(crate) struct Ureq(edge_oauth_ureq::TokenSource);

impl Caller for Ureq {
    fn new(config: Config) -> Self {
        Self(edge_oauth_ureq::TokenSource::new(
            UreqTransport::new(),
            config,
        ))
    }

    fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError> {
        self.0.call(operation)
    }
}

fn tokio_runtime() -> runtime::Runtime {
    let mut builder = runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().unwrap()
}

pub(crate) struct Reqwest {
    source: edge_oauth_reqwest::TokenSource,
    runtime: runtime::Runtime,
}

impl Caller for Reqwest {
    fn new(config: Config) -> Self {
        let transport = ReqwestTransport::new().unwrap();
        Self {
            source: edge_oauth_reqwest::TokenSource::new(transport, config),
            runtime: tokio_runtime(),
        }
    }

    fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError> {
        self.runtime.block_on(self.source.call(operation))
    }
}

pub(crate) struct Surf(edge_oauth_surf::TokenSource);

impl Caller for Surf {
    fn new(config: Config) -> Self {
        Self(edge_oauth_surf::TokenSource::new(
            SurfTransport::new(),
            config,
        ))
    }

    fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError> {
        block_on(self.0.call(operation))
    }
}

pub(crate) struct Hyper {
    source: edge_oauth_tower::TokenSource,
    runtime: runtime::Runtime,
}

impl Caller for Hyper {
    fn new(config: Config) -> Self {
        let transport = HyperTransport::new().unwrap();
        Self {
            source: edge_oauth_tower::TokenSource::new(transport, config),
            runtime: tokio_runtime(),
        }
    }

    fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError> {
        self.runtime.block_on(self.source.call(operation))
    }
}

/// The layer around hyper's client, in place of `TokenSource::call`.
pub(crate) struct TowerLayer(Hyper);

impl Caller for TowerLayer {
    fn new(config: Config) -> Self {
        Self(Hyper::new(config))
    }

    fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError> {
        let response = self.0.runtime.block_on(self.send(operation.request()));
        Ok(operation.parse(&response.map_err(error)?)?)
    }
}

impl TowerLayer {
    async fn send(&self, request: Request<SecretBytes>) -> Result<Response<SecretBytes>, BoxError> {
        let api = Origin::from_url(&request.uri().to_string())?;
        let client = hardened_client::<PeekedBody<Full<_>>>()?;
        let client = BearerLayer::new(self.0.source.clone(), api).layer(client);
        let request = request.map(|body| Full::new(bytes::Bytes::from(body)));
        let (head, body) = client.oneshot(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Response::from_parts(head, SecretBytes::new(body.to_vec())))
    }
}

fn error(error: BoxError) -> CallError {
    match error.downcast::<CallError>() {
        Ok(error) => *error,
        Err(_) => TransportError::new(TransportErrorKind::Other, "of hyper").into(),
    }
}
