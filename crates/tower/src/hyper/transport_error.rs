//! Converts the errors of hyper and of its connections to the core's, without any URL.

use std::error::Error;
use std::io;

use edge_oauth_no_io::{TransportError, TransportErrorKind as Kind};
use rustls::pki_types::InvalidDnsNameError;

/// The text of an unknown error may contain a URL, so it is never used, unless it is hyper's.
pub(super) fn from_error(error: &(dyn Error + 'static)) -> TransportError {
    from_cause(error).unwrap_or_else(|| TransportError::new(Kind::Other, words_of_hyper(error)))
}

pub(super) fn from_rustls(error: &rustls::Error) -> TransportError {
    let kind = match error {
        rustls::Error::InvalidCertificate(_) => Kind::Certificate,
        rustls::Error::AlertReceived(alert) => Kind::from_tls_alert(u8::from(*alert)),
        _ => Kind::Tls,
    };
    TransportError::new(kind, error).with_source(error.clone())
}

/// Returns the first cause that says what failed.
fn from_cause(error: &(dyn Error + 'static)) -> Option<TransportError> {
    if let Some(ours) = error.downcast_ref::<TransportError>() {
        return Some(ours.clone());
    }
    if let Some(io) = error.downcast_ref::<io::Error>() {
        // `source` of an `io::Error` skips the error that it wraps.
        let wrapped = io.get_ref().and_then(|wrapped| from_cause(wrapped));
        let says_more = |error: &TransportError| is_known(error) || io.raw_os_error().is_some();
        return wrapped.or_else(|| Some(TransportError::from_io(io)).filter(says_more));
    }
    if let Some(rustls) = error.downcast_ref() {
        return Some(from_rustls(rustls));
    }
    if error.is::<InvalidDnsNameError>() {
        // It comes before the resolver is asked, which would say the same.
        return Some(TransportError::new(Kind::Resolve, ""));
    }
    let known = match error.downcast_ref::<hyper::Error>() {
        Some(hyper) => from_hyper(hyper),
        None => from_text(error),
    };
    known.or_else(|| error.source().and_then(from_cause))
}

fn is_known(error: &TransportError) -> bool {
    error.kind() != Kind::Other
}

/// hyper's text comes from a fixed list. Details are in its causes.
fn from_hyper(error: &hyper::Error) -> Option<TransportError> {
    if error.is_parse() {
        return Some(TransportError::new(Kind::Protocol, error));
    }
    if error.is_timeout() {
        return Some(TransportError::new(Kind::Timeout, ""));
    }
    let closed = error.is_incomplete_message() || error.is_closed() || error.is_canceled();
    closed.then(|| TransportError::new(Kind::Closed, ""))
}

/// Returns hyper's text about an error of no other kind, such as that of bytes which came before the request was sent.
fn words_of_hyper(error: &(dyn Error + 'static)) -> String {
    match (error.downcast_ref::<hyper::Error>(), error.source()) {
        (Some(hyper), _) => hyper.to_string(),
        (None, Some(cause)) => words_of_hyper(cause),
        (None, None) => String::new(),
    }
}

/// hyper-util shows the texts of a failed resolution and of a failed CONNECT, and not their types. If the proxy was not
/// even reached, the cause says why.
fn from_text(error: &(dyn Error + 'static)) -> Option<TransportError> {
    let (kind, why) = match error.to_string().as_str() {
        "dns error" => (Kind::Resolve, ""),
        "tunnel error: proxy authorization required" => (Kind::Proxy, "it wants credentials"),
        // With another status, the server behind the proxy may work again at the next attempt.
        "tunnel error: unsuccessful" => (Kind::Connect, "the proxy did not connect to the server"),
        "tunnel error: proxy response headers too long" => {
            (Kind::Protocol, "the proxy's header is too large")
        }
        "tunnel error: unexpected end of file" => (Kind::Closed, "by the proxy"),
        _ => return None,
    };
    Some(TransportError::new(kind, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    // fault: cause-of-a-transport-error-lost
    #[test]
    fn error_of_the_system_stays_as_the_source() {
        let too_many_files = io::Error::from_raw_os_error(24);
        let error = io::Error::other(too_many_files);
        let error = from_error(&error);
        let cause = error.source().and_then(|cause| cause.downcast_ref());
        assert_eq!(cause.and_then(io::Error::raw_os_error), Some(24));
    }
}
