//! The cases that every call of an API has to pass.

use edge_oauth_conformance::Caller;
use edge_oauth_driver::CallError;
use edge_oauth_no_io::{Config, Operation};
use edge_oauth_reqwest::{ReqwestTransport, TokenSource};
use tokio::runtime::{Builder, Runtime};

struct Reqwest {
    source: TokenSource,
    runtime: Runtime,
}

impl Caller for Reqwest {
    fn new(config: Config) -> Self {
        let transport = ReqwestTransport::new().expect("the hardened client can be built");
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        Self {
            source: TokenSource::new(transport, config),
            runtime: runtime.expect("a runtime can be had"),
        }
    }

    fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError> {
        self.runtime.block_on(self.source.call(operation))
    }
}

edge_oauth_conformance::api_suite!(Reqwest);
