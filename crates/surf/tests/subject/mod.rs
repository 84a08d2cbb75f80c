//! This transport as the subject of the conformance suite and of the interoperability tests.

use std::sync::Arc;

use async_std::task::block_on;
use edge_oauth_conformance::Subject;
use edge_oauth_driver::nonblocking::Transport as _;
use edge_oauth_keys::{CertificateFiles, MutualTls};
use edge_oauth_no_io::{ProxyEnvironment, RequestLimits, SecretBytes, TransportError};
use edge_oauth_surf::rustls::client::WantsClientCert;
use edge_oauth_surf::rustls::crypto::ring;
use edge_oauth_surf::rustls::pki_types::pem::PemObject as _;
use edge_oauth_surf::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use edge_oauth_surf::rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use edge_oauth_surf::{Hyper1Client, SurfTransport};
use http::{Request, Response};

pub(crate) struct Surf(Client);

enum Client {
    Fixed(SurfTransport),
    Rotated(MutualTls<SurfTransport>),
}

impl Subject for Surf {
    fn new() -> Self {
        Self(Client::Fixed(SurfTransport::new()))
    }

    fn trusting(ca_pem: &str) -> Self {
        Self(Client::Fixed(SurfTransport::with_client(client_trusting(
            ca_pem,
        ))))
    }

    fn presenting(ca_pem: &str, files: CertificateFiles) -> Option<Self> {
        let roots = roots(ca_pem);
        let transport = MutualTls::new(files, move |certificate| {
            let chain = certificate.chain();
            let chain = chain
                .map(|der| CertificateDer::from(der.to_vec()))
                .collect();
            let key = PrivateKeyDer::from_pem_slice(certificate.key_pem())?;
            let tls = builder(roots.clone()).with_client_auth_cert(chain, key)?;
            Ok(SurfTransport::with_back_end(Hyper1Client::with_tls(tls)))
        });
        let transport = transport.expect("the suite makes a pair");
        Some(Self(Client::Rotated(transport)))
    }

    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        match &self.0 {
            Client::Fixed(transport) => block_on(transport.send(request, limits)),
            Client::Rotated(transport) => block_on(transport.send(request, limits)),
        }
    }

    fn through(proxy_url: &str) -> Option<Self> {
        let client = Hyper1Client::new().proxies(ProxyEnvironment::new(|name| {
            (name == "https_proxy").then(|| proxy_url.into())
        }));
        let client = surf::Client::with_http_client(client);
        Some(Self(Client::Fixed(SurfTransport::with_client(client))))
    }

    fn with_callers_client(user_agent: Option<&str>) -> Option<Self> {
        let config = surf::Config::new().set_http_client(Hyper1Client::new());
        let config = match user_agent {
            Some(name) => config.add_header("user-agent", name),
            None => Ok(config),
        };
        let client = config.and_then(|config| Ok(config.try_into()?));
        let client = client.expect("the settings are sound");
        Some(Self(Client::Fixed(SurfTransport::with_client(client))))
    }

    /// hyper reads at most 32 KiB at a time, and keeps the old buffer while it fills the new one.
    fn library_buffers() -> usize {
        2 * 32 * 1024
    }
}

/// A client that trusts only these authorities.
pub(crate) fn client_trusting(ca_pem: &str) -> surf::Client {
    let tls = builder(roots(ca_pem)).with_no_client_auth();
    surf::Client::with_http_client(Hyper1Client::with_tls(tls))
}

fn roots(ca_pem: &str) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
        roots
            .add(certificate.expect("the suite makes PEM"))
            .expect("and certificates");
    }
    roots
}

fn builder(roots: RootCertStore) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has both versions of TLS")
        .with_root_certificates(roots)
}
