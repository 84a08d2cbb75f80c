//! Converts ureq's errors to the core's, without any URL.

use std::io;

use edge_oauth_no_io::{TransportError, TransportErrorKind as Kind};
use ureq::{Error, Timeout};

pub(crate) fn from_error(error: Error) -> TransportError {
    match &error {
        Error::Io(io) => from_io(io),
        Error::Rustls(rustls) => from_rustls(rustls),
        Error::Timeout(phase) => TransportError::new(Kind::Timeout, words_of(*phase)),
        Error::HostNotFound => TransportError::new(Kind::Resolve, ""),
        Error::ConnectionFailed => TransportError::new(Kind::Connect, ""),
        Error::Tls(what) => TransportError::new(Kind::Tls, what),
        Error::TlsRequired => {
            TransportError::new(Kind::Tls, "the agent has no TLS for an https endpoint")
        }
        Error::ConnectProxyFailed(why) if why.contains(" 407/") => {
            TransportError::new(Kind::Proxy, "it wants credentials")
        }
        // With another status, the server behind the proxy may work again at the next attempt.
        Error::ConnectProxyFailed(_) => {
            TransportError::new(Kind::Connect, "the proxy did not connect to the server")
        }
        Error::InvalidProxyUrl => TransportError::new(Kind::Proxy, ""),
        Error::Protocol(protocol) => TransportError::new(Kind::Protocol, protocol),
        Error::LargeResponseHeader(..) => {
            TransportError::new(Kind::Protocol, "the header is too large")
        }
        // Some other errors contain a URL, and an error that is unknown here could contain anything.
        _ => TransportError::new(Kind::Other, "ureq refused the request"),
    }
}

/// Returns the step that timed out. If the whole request timed out, there is no step.
fn words_of(phase: Timeout) -> &'static str {
    match phase {
        Timeout::Resolve => "no address of the host in time",
        Timeout::Connect => "no connection in time",
        Timeout::SendRequest | Timeout::SendBody | Timeout::PerWrite => "the request was not taken",
        Timeout::Await100 | Timeout::RecvResponse => "no response in time",
        Timeout::RecvBody | Timeout::PerRead => "the response did not end in time",
        _ => "",
    }
}

fn from_io(error: &io::Error) -> TransportError {
    if let Some(ours) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<TransportError>())
    {
        return ours.clone();
    }
    if let Some(rustls) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return from_rustls(rustls);
    }
    if Kind::from(error.kind()) == Kind::Other && is_of_the_resolver(error) {
        return TransportError::new(Kind::Resolve, "");
    }
    TransportError::from_io(error)
}

/// Returns whether the name could not be resolved. The standard library has no kind for it. On Unix the text says so,
/// and it is not shown; on Windows the code is `WSAHOST_NOT_FOUND`, `WSATRY_AGAIN`, `WSANO_RECOVERY` or `WSANO_DATA`.
fn is_of_the_resolver(error: &io::Error) -> bool {
    match error.raw_os_error() {
        Some(code) => cfg!(windows) && (11001..=11004).contains(&code),
        None => error
            .to_string()
            .starts_with("failed to lookup address information"),
    }
}

fn from_rustls(error: &rustls::Error) -> TransportError {
    let kind = match error {
        rustls::Error::InvalidCertificate(_) => Kind::Certificate,
        rustls::Error::AlertReceived(alert) => Kind::from_tls_alert(u8::from(*alert)),
        _ => Kind::Tls,
    };
    TransportError::new(kind, error).with_source(error.clone())
}
