//! An agent that makes its TLS configuration once, and client certificates that rustls takes.

use std::fmt;
use std::sync::Arc;

use edge_oauth_no_io::{TransportError, TransportErrorKind};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use ureq::config::Config;
use ureq::tls::{Certificate, ClientCert, PrivateKey, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{ConnectionDetails, Connector, DefaultConnector, Transport};
use ureq::{Agent, Error};

/// Makes an agent for [`UreqTransport::with_agent`](crate::UreqTransport::with_agent) that resumes TLS
/// sessions.
///
/// ureq makes a TLS configuration, and with it an empty store of sessions, for each request that has settings
/// of its own, as those of the transport have. This agent makes one for all requests. The TLS settings are
/// those of `config`, and a single request cannot change them.
///
/// ```
/// use edge_oauth_ureq::{UreqTransport, build_agent};
///
/// let config = ureq::Agent::config_builder().user_agent("my-program/1.0").build();
/// let transport = UreqTransport::with_agent(build_agent(config));
/// ```
pub fn build_agent(config: Config) -> Agent {
    let connector = AgentTls(DefaultConnector::new());
    Agent::with_parts(config, connector, DefaultResolver::default())
}

/// Makes a client certificate for [`TlsConfig`] from the DER of its chain, the client's own certificate first, and the PEM
/// text of its private key.
///
/// ureq panics in the first request if rustls does not take a certificate, and so rustls is asked here.
///
/// # Errors
///
/// Returns an error of kind [`ClientCertificate`](TransportErrorKind::ClientCertificate) if rustls does not take the
/// certificate and the key.
pub fn client_certificate<'a>(
    chain: impl IntoIterator<Item = &'a [u8]>,
    key_pem: &[u8],
) -> Result<ClientCert, TransportError> {
    let unfit = |error: &dyn fmt::Display| {
        TransportError::new(TransportErrorKind::ClientCertificate, error)
    };
    let chain: Vec<_> = chain.into_iter().map(CertificateDer::from).collect();
    let own = chain
        .iter()
        .map(|der| Certificate::from_der(der).to_owned());
    let own: Vec<_> = own.collect();
    let key = PrivateKeyDer::from_pem_slice(key_pem).map_err(|error| unfit(&error))?;
    let chain = chain.into_iter().map(CertificateDer::into_owned).collect();
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|error| unfit(&error))?;
    let key = PrivateKey::from_pem(key_pem).map_err(|error| unfit(&error))?;
    Ok(ClientCert::new_with_certs(&own, key))
}

/// TLS by ring, whatever provider the process has installed, and the roots of webpki-roots.
pub(crate) fn by_ring() -> TlsConfig {
    TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build()
}

/// Has ureq take each request's TLS configuration for the agent's, which it keeps.
#[derive(Debug)]
struct AgentTls(DefaultConnector);

impl Connector<()> for AgentTls {
    type Out = Box<dyn Transport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        let details = ConnectionDetails {
            uri: details.uri,
            addrs: details.addrs.clone(),
            config: details.config,
            request_level: false,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: Arc::clone(&details.current_time),
            run_connector: Arc::clone(&details.run_connector),
            register_shutdown: Arc::clone(&details.register_shutdown),
        };
        self.0.connect(&details, chained)
    }
}
