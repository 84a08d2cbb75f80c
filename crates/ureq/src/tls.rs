//! TLS settings by ring, and client certificates that rustls takes.

use std::fmt;
use std::sync::Arc;

use edge_oauth_no_io::{TransportError, TransportErrorKind};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use ureq::tls::{Certificate, ClientCert, PrivateKey, TlsConfig};

/// Returns a client certificate for [`TlsConfig`], from the DER of its chain, the client's own certificate first, and
/// the PEM text of its private key.
///
/// This function checks both with rustls, since ureq would panic at the first request if rustls rejected them.
///
/// # Errors
///
/// Returns an error of kind [`ClientCertificate`](TransportErrorKind::ClientCertificate) if rustls rejects the
/// certificate or the key.
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

/// TLS by ring, even if the process has installed another provider, with the roots of webpki-roots.
pub(crate) fn by_ring() -> TlsConfig {
    TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build()
}
