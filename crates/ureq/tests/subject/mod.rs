//! This transport, as the conformance suite and the peers try it.

use edge_oauth_conformance::Subject;
use edge_oauth_driver::blocking::Transport;
use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
use edge_oauth_ureq::UreqTransport;
use http::{Request, Response};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Proxy};

pub(crate) struct Ureq(UreqTransport);

impl Subject for Ureq {
    fn new() -> Self {
        Self(UreqTransport::new())
    }

    fn trusting(ca_pem: &str) -> Self {
        let certificates = parse_pem(ca_pem.as_bytes()).filter_map(|item| {
            match item.expect("the suite makes PEM") {
                PemItem::Certificate(certificate) => Some(certificate),
                _ => None,
            }
        });
        let roots: Vec<Certificate<'static>> = certificates.collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&roots))
            .build();
        let config = Agent::config_builder().tls_config(tls).build();
        Self(UreqTransport::with_agent(config.new_agent()))
    }

    fn send(
        &self,
        request: Request<SecretBytes>,
        bounds: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.0.send(request, bounds)
    }

    fn through(proxy_url: &str) -> Option<Self> {
        let proxy = Proxy::new(proxy_url).expect("the suite makes a URL");
        let config = Agent::config_builder().proxy(Some(proxy)).build();
        Some(Self(UreqTransport::with_agent(config.new_agent())))
    }

    /// ureq takes a reset, and under TLS an end without a goodbye, for the end of such a body.
    fn broken_close_delimited_bodies_are_seen() -> bool {
        false
    }
}
