//! The cases that every call of an API has to pass.

use edge_oauth_conformance::Caller;
use edge_oauth_driver::CallError;
use edge_oauth_no_io::{Config, Operation};
use edge_oauth_ureq::{TokenSource, UreqTransport};

struct Ureq(TokenSource);

impl Caller for Ureq {
    fn new(config: Config) -> Self {
        Self(TokenSource::new(UreqTransport::new(), config))
    }

    fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError> {
        self.0.call(operation)
    }
}

edge_oauth_conformance::api_suite!(Ureq);
