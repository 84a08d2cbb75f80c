//! This transport as the subject of the conformance suite and of the interoperability tests.

use std::net::SocketAddr;
use std::sync::Arc;

use edge_oauth_conformance::Subject;
use edge_oauth_driver::nonblocking::Transport as _;
use edge_oauth_keys::{CertificateFiles, MutualTls};
use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
use edge_oauth_reqwest::{ReqwestTransport, hardened_client_builder};
use http::{Request, Response};
use rustls::client::WantsClientCert;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use tokio::runtime::{Builder, Runtime};

pub(crate) struct Reqwest {
    client: Client,
    runtime: Runtime,
}

enum Client {
    Fixed(ReqwestTransport),
    Rotated(MutualTls<ReqwestTransport>),
}

impl Reqwest {
    fn with(transport: ReqwestTransport) -> Self {
        Self::of(Client::Fixed(transport))
    }

    fn of(client: Client) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        Self {
            client,
            runtime: runtime.expect("a runtime can be had"),
        }
    }
}

impl Subject for Reqwest {
    fn new() -> Self {
        Self::with(ReqwestTransport::new().expect("the hardened client can be built"))
    }

    fn trusting(ca_pem: &str) -> Self {
        let client = hardened_client_builder().expect("there are settings");
        let client = client.tls_backend_preconfigured(tls(roots(ca_pem))).build();
        Self::with(ReqwestTransport::with_client(
            client.expect("the settings are sound"),
        ))
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
            Ok(ReqwestTransport::with_tls(tls))
        });
        let transport = transport.expect("the suite makes a pair");
        Some(Self::of(Client::Rotated(transport)))
    }

    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        match &self.client {
            Client::Fixed(transport) => self.runtime.block_on(transport.send(request, limits)),
            Client::Rotated(transport) => self.runtime.block_on(transport.send(request, limits)),
        }
    }

    fn through(proxy_url: &str) -> Option<Self> {
        let proxy = reqwest::Proxy::all(proxy_url).expect("the suite makes a URL");
        let client = hardened_client_builder().expect("there are settings");
        let client = client.proxy(proxy).build();
        Some(Self::with(ReqwestTransport::with_client(
            client.expect("the settings are sound"),
        )))
    }

    fn resolving(addresses: [SocketAddr; 2]) -> Option<Self> {
        let client = hardened_client_builder().expect("there are settings");
        let client = client.resolve_to_addrs("localhost", &addresses).build();
        Some(Self::with(ReqwestTransport::with_client(
            client.expect("the settings are sound"),
        )))
    }

    fn with_callers_client(user_agent: Option<&str>) -> Option<Self> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(RootCertStore::empty()))
            .no_proxy();
        let client = match user_agent {
            Some(name) => client.user_agent(name),
            None => client,
        };
        Some(Self::with(ReqwestTransport::with_client(
            client.build().expect("the settings are sound"),
        )))
    }

    /// hyper cancels a request if its connection is closed already, and reports the reason to the connection's task
    /// only.
    fn early_alerts_are_read() -> bool {
        false
    }

    /// hyper limits the whole header to about 400 KiB.
    fn large_header_fields_are_read() -> bool {
        true
    }

    /// hyper reads into a buffer that doubles until it has `8192 + 4096 * 100` bytes, and keeps the old buffer while
    /// it fills the new one. reqwest has no setting for this.
    fn library_buffers() -> usize {
        2 * (8192 + 4096 * 100)
    }
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

fn tls(roots: RootCertStore) -> ClientConfig {
    builder(roots).with_no_client_auth()
}

fn builder(roots: RootCertStore) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has both versions of TLS")
        .with_root_certificates(roots)
}
