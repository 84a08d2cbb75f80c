//! The error of a request without a response.

use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::{fmt, io};

use http::Uri;

use crate::culprit::Culprit;
use crate::printable::printable;
use crate::transport::certificate;

/// The network failed: no complete response arrived.
///
/// A transport makes one of these from whatever its HTTP library reports.
///
/// ```
/// use edge_oauth_no_io::{TransportError, TransportErrorKind};
///
/// let error = TransportError::new(TransportErrorKind::Connect, "connection refused");
/// assert_eq!(error.to_string(), "no connection: connection refused");
/// assert!(error.is_transient());
///
/// let error = error.at(&"https://login.example/oauth/token".parse()?);
/// assert_eq!(error.to_string(), "no connection: connection refused (login.example:443)");
/// # Ok::<_, http::uri::InvalidUri>(())
/// ```
#[derive(Clone)]
pub struct TransportError {
    kind: TransportErrorKind,
    detail: String,
    host: Option<Box<str>>,
    proxy: Option<Box<str>>,
    cause: Option<Cause>,
}

/// Errors are only read, so that a panic beside one leaves nothing half done.
type Cause = Arc<AssertUnwindSafe<Box<dyn Error + Send + Sync>>>;

impl TransportError {
    /// Makes an error whose `detail` is for people. The detail is made printable and cut; it must not
    /// contain a URL's query, a header value or a body, where secrets live. A reason for which a
    /// certificate is not accepted is put into a sentence that says what to do.
    pub fn new(kind: TransportErrorKind, detail: impl fmt::Display) -> Self {
        let detail = detail.to_string();
        let advice = match kind {
            TransportErrorKind::Certificate => certificate::advice(&detail),
            TransportErrorKind::ClientCertificate => certificate::advice_to_client(&detail),
            _ => None,
        };
        Self {
            kind,
            detail: advice.map_or_else(|| printable(&detail, DETAIL), str::to_owned),
            host: None,
            proxy: None,
            cause: None,
        }
    }

    /// Makes an error of an IO error, which becomes the [`source`](Error::source) without what it wraps:
    /// libraries wrap errors of their users, and these may print anything.
    pub fn from_io(error: &io::Error) -> Self {
        let cause = match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => error.kind().into(),
        };
        Self::new(error.kind().into(), error.kind()).because_of(cause)
    }

    /// Sets the [`source`](Error::source). Reports print it with all of its own sources, and so it must
    /// not print a URL's query, a header value or a body either.
    #[must_use]
    pub fn because_of(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(AssertUnwindSafe(Box::new(cause))));
        self
    }

    /// Names the host and the port of the request's URL, unless a host is named already. The token
    /// sources of the driver call this for every transport.
    #[must_use]
    pub fn at(mut self, uri: &Uri) -> Self {
        if self.host.is_none() {
            self.host = uri.host().map(|host| {
                let port = uri.port_u16().or_else(|| default_port(uri));
                let name = match port {
                    Some(port) => format!("{host}:{port}"),
                    None => host.to_owned(),
                };
                printable(&name, HOST).into()
            });
        }
        self
    }

    /// Names the proxy that was used, as `host:port`.
    #[must_use]
    pub fn through(mut self, proxy: impl fmt::Display) -> Self {
        self.proxy = Some(printable(&proxy.to_string(), HOST).into());
        self
    }

    /// Returns the part of the request that failed.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Returns the host and port of the request, such as `login.example:443`, if they are known.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Returns the host and port of the proxy, if one was used and its name is known.
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_deref()
    }

    /// Returns whether the same request may pass a moment later.
    pub fn is_transient(&self) -> bool {
        match self.kind {
            TransportErrorKind::Certificate
            | TransportErrorKind::ClientCertificate
            | TransportErrorKind::Tls
            | TransportErrorKind::Proxy => false,
            TransportErrorKind::Resolve
            | TransportErrorKind::Connect
            | TransportErrorKind::Closed
            | TransportErrorKind::Timeout
            | TransportErrorKind::Protocol
            | TransportErrorKind::BodyTooLarge
            | TransportErrorKind::Other => true,
        }
    }

    /// Returns [`Culprit::Config`] for a client certificate, and [`Culprit::Network`] for all else.
    pub fn culprit(&self) -> Culprit {
        match self.kind {
            TransportErrorKind::ClientCertificate => Culprit::Config,
            _ => Culprit::Network,
        }
    }
}

/// The causes are not compared: most errors of libraries cannot be.
impl PartialEq for TransportError {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            kind,
            detail,
            host,
            proxy,
            cause: _,
        } = self;
        (kind, detail, host, proxy) == (&other.kind, &other.detail, &other.host, &other.proxy)
    }
}

impl Eq for TransportError {}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        match (&self.host, &self.proxy) {
            (Some(host), Some(proxy)) => write!(f, " ({host} through the proxy {proxy})"),
            (Some(host), None) => write!(f, " ({host})"),
            (None, Some(proxy)) => write!(f, " (through the proxy {proxy})"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("kind", &self.kind)
            .field("detail", &self.detail)
            .field("host", &self.host)
            .field("proxy", &self.proxy)
            .field("cause", &self.cause.as_ref().map(|cause| &***cause))
            .finish()
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| &****cause as _)
    }
}

fn default_port(uri: &Uri) -> Option<u16> {
    match uri.scheme_str()? {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}

/// The part of a request that failed.
///
/// ```
/// use edge_oauth_no_io::{TransportError, TransportErrorKind};
///
/// let error = TransportError::new(TransportErrorKind::Certificate, "it has expired");
/// assert_eq!(error.kind(), TransportErrorKind::Certificate);
/// assert!(!error.is_transient(), "somebody has to renew the certificate");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The host's name has no address.
    Resolve,
    /// No connection could be made.
    Connect,
    /// The server's certificate was not accepted: expired, for another host, or from an unknown issuer.
    Certificate,
    /// The client certificate is missing or cannot be used, or the server does not accept it.
    ClientCertificate,
    /// TLS failed for another reason than a certificate.
    Tls,
    /// The proxy refused, or the variable that names it has a value that cannot be honoured.
    Proxy,
    /// The connection ended before the response did.
    Closed,
    /// The time for the request and its response ran out.
    Timeout,
    /// The bytes that arrived are not HTTP, or not a final response.
    Protocol,
    /// The response's body is larger than [`RequestLimits`](crate::RequestLimits) allow.
    BodyTooLarge,
    /// None of the above.
    Other,
}

/// Converts the standard library's kinds of IO errors.
impl From<io::ErrorKind> for TransportErrorKind {
    fn from(kind: io::ErrorKind) -> Self {
        match kind {
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable => Self::Connect,
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::NotConnected
            | io::ErrorKind::BrokenPipe => Self::Closed,
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Self::Timeout,
            // How libraries report a body whose framing makes no sense.
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::Protocol,
            _ => Self::Other,
        }
    }
}

impl TransportErrorKind {
    /// Returns the kind for a fatal alert of the server, by its number (RFC 8446 §6.2):
    /// [`ClientCertificate`](Self::ClientCertificate) if the alert is about the client's certificate, else
    /// [`Tls`](Self::Tls).
    pub fn from_tls_alert(alert: u8) -> Self {
        match alert {
            // From bad_certificate to certificate_unknown; unknown_ca, access_denied; certificate_required.
            42..=46 | 48 | 49 | 116 => Self::ClientCertificate,
            _ => Self::Tls,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "the host was not found",
            Self::Connect => "no connection",
            Self::Certificate => "the server's certificate was not accepted",
            Self::ClientCertificate => "the client certificate cannot be used",
            Self::Tls => "TLS failed",
            Self::Proxy => "the proxy cannot be used",
            Self::Closed => "the connection ended before the answer did",
            Self::Timeout => "timed out",
            Self::Protocol => "the answer is not valid HTTP",
            Self::BodyTooLarge => "the answer is too large",
            Self::Other => "the exchange failed",
        }
    }
}

const DETAIL: usize = 256;
const HOST: usize = 300;
