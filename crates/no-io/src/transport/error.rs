//! Why an exchange had no answer.

use std::{fmt, io};

use crate::culprit::Culprit;
use crate::printable::printable;

/// The wire failed: no complete answer arrived.
///
/// A transport makes one of these from whatever its HTTP library reports.
///
/// ```
/// use edge_oauth_no_io::{TransportError, TransportErrorKind};
///
/// let error = TransportError::new(TransportErrorKind::Connect, "connection refused");
/// assert_eq!(error.to_string(), "no connection: connection refused");
/// assert!(error.is_transient());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    kind: TransportErrorKind,
    detail: String,
}

impl TransportError {
    /// `detail` is for people. It is made printable and cut; it must not hold a URL's query, a header
    /// value or a body, where secrets live.
    pub fn new(kind: TransportErrorKind, detail: impl fmt::Display) -> Self {
        Self {
            kind,
            detail: printable(&detail.to_string(), DETAIL),
        }
    }

    /// What failed.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the same request may pass a moment later.
    pub fn is_transient(&self) -> bool {
        match self.kind {
            TransportErrorKind::Certificate
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

    /// Always the wire.
    pub fn culprit(&self) -> Culprit {
        Culprit::Network
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())?;
        if self.detail.is_empty() {
            Ok(())
        } else {
            write!(f, ": {}", self.detail)
        }
    }
}

impl std::error::Error for TransportError {}

/// What failed on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The host's name has no address.
    Resolve,
    /// No connection could be made.
    Connect,
    /// The server's certificate was not accepted: expired, for another host, or from an unknown issuer.
    Certificate,
    /// TLS failed for another reason than the certificate.
    Tls,
    /// The proxy refused.
    Proxy,
    /// The connection ended before the answer did.
    Closed,
    /// The time for the whole exchange, answer included, ran out.
    Timeout,
    /// What arrived is not HTTP, or not a final answer.
    Protocol,
    /// The answer's body is larger than [`RequestLimits`](crate::RequestLimits) allow.
    BodyTooLarge,
    /// None of the above.
    Other,
}

/// What the standard library's kinds of IO errors mean for an exchange.
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
    fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "the host was not found",
            Self::Connect => "no connection",
            Self::Certificate => "the server's certificate was not accepted",
            Self::Tls => "TLS failed",
            Self::Proxy => "the proxy refused",
            Self::Closed => "the connection ended before the answer did",
            Self::Timeout => "timed out",
            Self::Protocol => "the answer is not valid HTTP",
            Self::BodyTooLarge => "the answer is too large",
            Self::Other => "the exchange failed",
        }
    }
}

const DETAIL: usize = 256;
