//! This transport as the subject of the conformance suite and of the interoperability tests.

use std::net::SocketAddr;

use edge_oauth_conformance::Subject;
use edge_oauth_driver::blocking::Transport;
use edge_oauth_keys::{CertificateFiles, MutualTls};
use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
use edge_oauth_ureq::{UreqTransport, build_agent, client_certificate};
use http::{Request, Response, Uri};
use ureq::config::{AutoHeaderValue, Config};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Proxy};

pub(crate) struct Ureq(Box<dyn Transport>);

impl Subject for Ureq {
    fn new() -> Self {
        Self(Box::new(UreqTransport::new()))
    }

    fn trusting(ca_pem: &str) -> Self {
        let tls = TlsConfig::builder().root_certs(roots(ca_pem)).build();
        let config = Agent::config_builder().tls_config(tls).build();
        Self(Box::new(UreqTransport::with_agent(build_agent(config))))
    }

    fn presenting(ca_pem: &str, files: CertificateFiles) -> Option<Self> {
        let roots = roots(ca_pem);
        let transport = MutualTls::new(files, move |certificate| {
            let own = client_certificate(certificate.chain(), certificate.key_pem())?;
            let tls = TlsConfig::builder()
                .root_certs(roots.clone())
                .client_cert(Some(own));
            Ok(UreqTransport::with_tls(tls.build()))
        });
        Some(Self(Box::new(transport.expect("the suite makes a pair"))))
    }

    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.0.send(request, limits)
    }

    fn through(proxy_url: &str) -> Option<Self> {
        let proxy = Proxy::new(proxy_url).expect("the suite makes a URL");
        let config = Agent::config_builder().proxy(Some(proxy)).build();
        Some(Self(Box::new(UreqTransport::with_agent(
            config.new_agent(),
        ))))
    }

    fn resolving(addresses: [SocketAddr; 2]) -> Option<Self> {
        let (config, connector) = (Config::default(), DefaultConnector::new());
        let agent = Agent::with_parts(config, connector, Fixed(addresses));
        Some(Self(Box::new(UreqTransport::with_agent(agent))))
    }

    fn with_callers_client(user_agent: Option<&str>) -> Option<Self> {
        let user_agent = match user_agent {
            Some(name) => AutoHeaderValue::from(name),
            None => AutoHeaderValue::None,
        };
        let config = Agent::config_builder().user_agent(user_agent).build();
        Some(Self(Box::new(UreqTransport::with_agent(
            config.new_agent(),
        ))))
    }

    /// ureq accepts a reset, and over TLS an end without `close_notify`, as the end of such a body.
    fn broken_close_delimited_bodies_are_detected() -> bool {
        false
    }
}

fn roots(ca_pem: &str) -> RootCerts {
    let certificates =
        parse_pem(ca_pem.as_bytes()).filter_map(|item| match item.expect("the suite makes PEM") {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        });
    let roots: Vec<Certificate<'static>> = certificates.collect();
    RootCerts::new_with_certs(&roots)
}

/// Has these addresses for every name.
#[derive(Debug)]
struct Fixed([SocketAddr; 2]);

impl Resolver for Fixed {
    fn resolve(
        &self,
        _uri: &Uri,
        _config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        for address in self.0 {
            addresses.push(address);
        }
        Ok(addresses)
    }
}
