//! The kinds of errors of a request without a response.

use std::io;

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
    /// The response redirects to another URL, and the HTTP library hides its status. A redirect that shows its status is
    /// a response.
    Redirect,
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

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "the host was not found",
            Self::Connect => "no connection",
            Self::Certificate => "the server's certificate was not accepted",
            Self::ClientCertificate => "the client certificate cannot be used",
            Self::Tls => "TLS failed",
            Self::Proxy => "the proxy cannot be used",
            Self::Closed => "the connection ended before the response did",
            Self::Timeout => "timed out",
            Self::Protocol => "the response is not valid HTTP",
            Self::Redirect => "the response is a redirect, which is not followed",
            Self::BodyTooLarge => "the response is too large",
            Self::Other => "the exchange failed",
        }
    }
}
