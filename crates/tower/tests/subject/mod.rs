//! This transport, as the conformance suite tries it.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use edge_oauth_conformance::Subject;
use edge_oauth_driver::nonblocking::Transport as _;
use edge_oauth_keys::{CertificateFiles, MutualTls};
use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
use edge_oauth_tower::HyperTransport;
use edge_oauth_tower::rustls::client::WantsClientCert;
use edge_oauth_tower::rustls::crypto::ring;
use edge_oauth_tower::rustls::pki_types::pem::PemObject as _;
use edge_oauth_tower::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use edge_oauth_tower::rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use http::{Request, Response};
use http_body_util::Full;
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::{Builder, Runtime};
use tower::service_fn;

pub(crate) struct Hyper {
    client: Client,
    runtime: Runtime,
}

enum Client {
    Fixed(HyperTransport),
    Rotated(MutualTls<HyperTransport>),
}

impl Hyper {
    fn with(transport: HyperTransport) -> Self {
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

impl Subject for Hyper {
    fn new() -> Self {
        Self::with(HyperTransport::new().expect("the hardened client can be built"))
    }

    fn trusting(ca_pem: &str) -> Self {
        Self::with(HyperTransport::with_tls(tls(roots(ca_pem))))
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
            Ok(HyperTransport::with_tls(tls))
        });
        let transport = transport.expect("the suite makes a pair");
        Some(Self::of(Client::Rotated(transport)))
    }

    fn send(
        &self,
        request: Request<SecretBytes>,
        bounds: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        match &self.client {
            Client::Fixed(transport) => self.runtime.block_on(transport.send(request, bounds)),
            Client::Rotated(transport) => self.runtime.block_on(transport.send(request, bounds)),
        }
    }

    /// The resolver is hyper-util's own, and so the client is a caller's.
    fn resolving(addresses: [SocketAddr; 2]) -> Option<Self> {
        let resolver = service_fn(move |_: Name| async move {
            Ok::<_, std::convert::Infallible>(addresses.into_iter())
        });
        let mut connector = HttpConnector::new_with_resolver(resolver);
        connector.set_connect_timeout(Some(std::time::Duration::from_secs(5)));
        let client = HyperClient::builder(TokioExecutor::new());
        let client = client.build::<_, Full<Bytes>>(connector);
        Some(Self::with(HyperTransport::with_service(client)))
    }

    /// hyper's client has no name of its own, so a caller's is that of the request.
    fn with_callers_client(user_agent: Option<&str>) -> Option<Self> {
        if user_agent.is_some() {
            return None;
        }
        let client = HyperClient::builder(TokioExecutor::new());
        let client = client.build_http::<Full<Bytes>>();
        Some(Self::with(HyperTransport::with_service(client)))
    }

    /// hyper cancels a request that finds its connection closed, and tells the reason to the connection's task.
    fn early_alerts_are_read() -> bool {
        false
    }

    /// hyper is told to read no more than 32 KiB at a time, and holds the old buffer while it fills the new.
    fn library_buffers() -> usize {
        2 * 32 * 1024
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
