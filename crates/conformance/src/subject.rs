//! The trait of a transport under test.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use edge_oauth_keys::CertificateFiles;
use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
use http::{Request, Response};
use rustls::ServerConfig;

use crate::certificates::Authority;

/// A transport under test.
///
/// An asynchronous transport blocks on its runtime inside [`send`](Self::send). The runtime has to run between two calls
/// as well, since some cases wait until the transport closes a connection.
pub trait Subject: Sized + Send + Sync + 'static {
    /// Returns the transport with its own, hardened client.
    fn new() -> Self;

    /// Returns the transport with a client that trusts only the certificate authorities in this PEM text.
    fn trusting(ca_pem: &str) -> Self;

    /// Returns the transport with a client that trusts these authorities and presents the certificate in these files, as
    /// the documentation of the transport describes it. Returns `None` if the transport supports no client certificates.
    fn presenting(_ca_pem: &str, _files: CertificateFiles) -> Option<Self> {
        None
    }

    /// Sends a request within its limits, and returns the response.
    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError>;

    /// Returns the transport with a client that uses this proxy, or `None` if it supports no proxies.
    fn through(_proxy_url: &str) -> Option<Self> {
        None
    }

    /// Returns the transport with a client that resolves every name to these addresses, in this order, without TLS.
    /// Returns `None` if the HTTP library accepts no resolver.
    fn resolving(_addresses: [SocketAddr; 2]) -> Option<Self> {
        None
    }

    /// Returns the transport with a caller's client that sends this `User-Agent` or none. Returns `None` if the transport
    /// accepts no client.
    fn with_callers_client(_user_agent: Option<&str>) -> Option<Self> {
        None
    }

    /// Returns whether the HTTP library reads a body that has no length and ends with its connection.
    ///
    /// If it does not, the transport has to return an error and not an empty body.
    fn close_delimited_bodies_work() -> bool {
        true
    }

    /// Returns whether the HTTP library distinguishes a broken connection from a closed one, if a body has neither a length
    /// nor chunks.
    ///
    /// If it does not, the transport returns a body that was cut, and the reader of its JSON has to find the error.
    fn broken_close_delimited_bodies_are_detected() -> bool {
        true
    }

    /// Returns whether the HTTP library reads a TLS alert that arrives before the request was sent.
    ///
    /// If it does not, the transport reports a closed connection, which is transient, and a later attempt may read the
    /// alert.
    fn early_alerts_are_read() -> bool {
        true
    }

    /// Returns whether the HTTP library reads a header field of 64 KiB. Otherwise the error has to be `Protocol`.
    fn large_header_fields_are_read() -> bool {
        false
    }

    /// Returns the number of bytes by which a server can make the HTTP library's buffers grow, if the library has no limit
    /// for them.
    fn library_buffers() -> usize {
        0
    }

    /// Returns the TLS configuration of the servers for this subject: none, except for [`OverTls`].
    #[doc(hidden)]
    fn tls() -> Option<Arc<ServerConfig>> {
        None
    }

    /// Returns the scheme of the servers' URLs.
    #[doc(hidden)]
    fn scheme() -> &'static str {
        match Self::tls() {
            Some(_) => "https",
            None => "http",
        }
    }
}

/// A transport under test with servers that speak TLS.
pub(crate) struct OverTls<S>(S);

impl<S: Subject> Subject for OverTls<S> {
    fn new() -> Self {
        Self(S::trusting(&AUTHORITY.pem()))
    }

    fn trusting(ca_pem: &str) -> Self {
        Self(S::trusting(ca_pem))
    }

    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.0.send(request, limits)
    }

    fn close_delimited_bodies_work() -> bool {
        S::close_delimited_bodies_work()
    }

    fn broken_close_delimited_bodies_are_detected() -> bool {
        S::broken_close_delimited_bodies_are_detected()
    }

    fn early_alerts_are_read() -> bool {
        S::early_alerts_are_read()
    }

    fn large_header_fields_are_read() -> bool {
        S::large_header_fields_are_read()
    }

    fn tls() -> Option<Arc<ServerConfig>> {
        Some(AUTHORITY.server())
    }
}

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("the suite"));
