//! A token source over each of the three transports.

use async_std::task::block_on;
use edge_oauth_driver::CallError;
use edge_oauth_no_io::{Config, Operation};
use edge_oauth_reqwest::ReqwestTransport;
use edge_oauth_surf::SurfTransport;
use edge_oauth_ureq::UreqTransport;
use tokio::runtime;

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

pub(crate) struct Reqwest {
    source: edge_oauth_reqwest::TokenSource,
    runtime: runtime::Runtime,
}

impl Caller for Reqwest {
    fn new(config: Config) -> Self {
        let transport = ReqwestTransport::new().unwrap();
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        Self {
            source: edge_oauth_reqwest::TokenSource::new(transport, config),
            runtime: runtime.unwrap(),
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
