//! What a transport hands in to be tried.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use edge_oauth_keys::CertificateFiles;
use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
use http::{Request, Response};
use rustls::ServerConfig;

use crate::certificates::Authority;

/// A transport under test.
///
/// One that is asynchronous blocks on its runtime inside [`send`](Self::send), and that runtime has to
/// run between two calls as well: some cases wait for a connection to be let go.
pub trait Subject: Sized + Send + Sync + 'static {
    /// The transport with its own, hardened client.
    fn new() -> Self;

    /// The same, but it trusts the certificate authorities in this PEM text, and no others.
    fn trusting(ca_pem: &str) -> Self;

    /// The transport with a client that trusts these authorities and presents the certificate in these files, as the
    /// documentation of the transport says; `None` if it cannot.
    fn presenting(_ca_pem: &str, _files: CertificateFiles) -> Option<Self> {
        None
    }

    /// What the transport is for: one exchange within its bounds.
    fn send(
        &self,
        request: Request<SecretBytes>,
        bounds: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError>;

    /// The transport with a client that goes through this proxy; `None` where it knows no proxies.
    fn through(_proxy_url: &str) -> Option<Self> {
        None
    }

    /// The transport with a client for which every name has these addresses, in this order; `None` if its
    /// library leaves no choice of a resolver. In the clear.
    fn resolving(_addresses: [SocketAddr; 2]) -> Option<Self> {
        None
    }

    /// The transport with a client that a caller made, which sends this `User-Agent` or none; `None` if it
    /// takes no client.
    fn of_caller(_user_agent: Option<&str>) -> Option<Self> {
        None
    }

    /// Whether a body that ends with its connection, without a length, is an answer. A library that
    /// cannot read one has to report an error; an empty body is never right.
    fn close_delimited_bodies_work() -> bool {
        true
    }

    /// Whether the library tells a broken connection from an ended one, where a body has neither a
    /// length nor chunks. With one that does not, a cut body looks whole to the transport, and it is
    /// left to the reader of the body to find half a JSON document.
    fn broken_close_delimited_bodies_are_seen() -> bool {
        true
    }

    /// Whether an alert of TLS is seen that arrives before the request has left. With a library that loses it, the
    /// connection is closed, which is transient, and the next attempt may see it.
    fn early_alerts_are_seen() -> bool {
        true
    }

    /// Whether the library reads a header field of 64 KiB. One that does not has to say `Protocol`.
    fn large_header_fields_are_read() -> bool {
        false
    }

    /// How many bytes the library's own buffers grow by, where a server fills them and nobody can tell the
    /// library not to.
    fn library_buffers() -> usize {
        0
    }

    /// What the peers of this subject listen with: plain, unless [`OverTls`] says otherwise.
    #[doc(hidden)]
    fn tls() -> Option<Arc<ServerConfig>> {
        None
    }

    /// The scheme of their URLs.
    #[doc(hidden)]
    fn scheme() -> &'static str {
        match Self::tls() {
            Some(_) => "https",
            None => "http",
        }
    }
}

/// A transport under test whose peers speak TLS.
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
        bounds: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.0.send(request, bounds)
    }

    fn close_delimited_bodies_work() -> bool {
        S::close_delimited_bodies_work()
    }

    fn broken_close_delimited_bodies_are_seen() -> bool {
        S::broken_close_delimited_bodies_are_seen()
    }

    fn early_alerts_are_seen() -> bool {
        S::early_alerts_are_seen()
    }

    fn large_header_fields_are_read() -> bool {
        S::large_header_fields_are_read()
    }

    fn tls() -> Option<Arc<ServerConfig>> {
        Some(AUTHORITY.server())
    }
}

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("the suite"));
