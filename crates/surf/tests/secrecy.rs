//! No error, log line or trace contains a secret or a token, at the most verbose level.

use async_std::task::block_on;
use edge_oauth_conformance::Subject;
use edge_oauth_driver::nonblocking::Transport as _;
use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
use edge_oauth_surf::{Hyper1Client, SurfTransport};
use http::{Request, Response};
use surf::middleware::Logger;

#[allow(dead_code, reason = "the suite's own subject has no logger")]
mod subject;

/// A client with surf's own logger, which logs every request.
struct Talkative(SurfTransport);

impl Talkative {
    fn with(client: surf::Client) -> Self {
        Self(SurfTransport::with_client(client.with(Logger::new())))
    }
}

impl Subject for Talkative {
    fn new() -> Self {
        Self::with(surf::Client::with_http_client(Hyper1Client::new()))
    }

    fn trusting(ca_pem: &str) -> Self {
        Self::with(subject::client_trusting(ca_pem))
    }

    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        block_on(self.0.send(request, limits))
    }
}

#[test]
fn transport_prints_no_secret() {
    edge_oauth_conformance::check_secrecy::<Talkative>(&["surf::middleware::logger"]);
}
