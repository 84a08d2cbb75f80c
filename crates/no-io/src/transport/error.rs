//! The error of a request without a response.

use std::error::Error;
use std::sync::Arc;
use std::{fmt, io};

use http::Uri;

use crate::culprit::Culprit;
use crate::printable::printable;
use crate::transport::certificate;
use crate::transport::error_kind::TransportErrorKind;

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
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    detail: String,
    host: Option<Box<str>>,
    proxy: Option<Box<str>>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl TransportError {
    /// Returns an error whose `detail` is for people. The detail is made printable and cut; it must not contain a URL's
    /// query, a header value or a body, which may contain secrets. A reason for which a certificate is not accepted is
    /// put into a sentence that says what to do.
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
            source: None,
        }
    }

    /// Returns the error of an IO error, which becomes the [`source`](Error::source) without the error that it wraps:
    /// libraries wrap errors of their users, and these may print anything.
    pub fn from_io(error: &io::Error) -> Self {
        let cause = match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => error.kind().into(),
        };
        let kind = error.kind().into();
        let error = match kind {
            // The system has words for its codes that have no kind, such as that of too many open files.
            TransportErrorKind::Other => Self::new(kind, &cause),
            _ => Self::new(kind, error.kind()),
        };
        error.with_source(cause)
    }

    /// Adds the cause. It is part of the printed error chain, so it must not contain a URL's query, a header value or a
    /// body.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
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
            | TransportErrorKind::Proxy
            | TransportErrorKind::Redirect => false,
            TransportErrorKind::Resolve
            | TransportErrorKind::Connect
            | TransportErrorKind::Closed
            | TransportErrorKind::Timeout
            | TransportErrorKind::Protocol
            | TransportErrorKind::BodyTooLarge
            | TransportErrorKind::Other => true,
        }
    }

    /// Returns [`Culprit::Config`] for a client certificate or a redirect, and [`Culprit::Network`] for all else.
    pub fn culprit(&self) -> Culprit {
        match self.kind {
            TransportErrorKind::ClientCertificate | TransportErrorKind::Redirect => Culprit::Config,
            _ => Culprit::Network,
        }
    }
}

/// Two errors are equal if they say the same about the same; the causes are not compared.
impl PartialEq for TransportError {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.detail) == (other.kind, &other.detail)
            && (&self.host, &self.proxy) == (&other.host, &other.proxy)
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

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

fn default_port(uri: &Uri) -> Option<u16> {
    match uri.scheme_str()? {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}

const DETAIL: usize = 256;
const HOST: usize = 300;
