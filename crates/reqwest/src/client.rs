//! The client that is made here: nothing followed, nothing repeated, nothing unpacked.

use std::sync::Arc;

use edge_oauth_no_io::TransportError;
use reqwest::{ClientBuilder, redirect, retry};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use crate::transport_error;

/// A client for APIs, set up as [`ReqwestTransport::new`](crate::ReqwestTransport::new) does for `https`
/// and open to other settings: TLS by rustls and ring, the roots of webpki-roots, HTTP/1.1, no redirects,
/// no retries, no decompression, the proxy of the environment.
///
/// reqwest sends `http` through that proxy too, even to the loopback: call
/// [`no_proxy`](ClientBuilder::no_proxy) for a local server.
///
/// # Errors
///
/// As there.
pub fn hardened_client() -> Result<ClientBuilder, TransportError> {
    Ok(builder(tls()?))
}

/// Each of these settings holds whatever features of reqwest the rest of the program turns on.
pub(crate) fn builder(tls: ClientConfig) -> ClientBuilder {
    ClientBuilder::new()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("edge-oauth-reqwest/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .tcp_nodelay(true)
}

/// TLS 1.2 and 1.3 by ring, whatever provider the process has installed, and HTTP/1.1 only.
pub(crate) fn tls() -> Result<ClientConfig, TransportError> {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let mut tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| transport_error::from_rustls(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(tls)
}
