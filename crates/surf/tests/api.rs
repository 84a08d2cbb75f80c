//! The cases that every call of an API has to pass.

use async_std::task::block_on;
use edge_oauth_conformance::Caller;
use edge_oauth_driver::CallError;
use edge_oauth_no_io::{Config, Operation};
use edge_oauth_surf::{SurfTransport, TokenSource};

struct Surf(TokenSource);

impl Caller for Surf {
    fn new(config: Config) -> Self {
        Self(TokenSource::new(SurfTransport::new(), config))
    }

    fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError> {
        block_on(self.0.call(operation))
    }
}

edge_oauth_conformance::api_suite!(Surf);
