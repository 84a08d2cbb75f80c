//! Converts the errors of surf and its back ends to the core's, without any URL.

use std::error::Error;
use std::io;

use async_std::future::TimeoutError;
use edge_oauth_no_io::{TransportError, TransportErrorKind as Kind};
use futures_rustls::rustls;

/// Returns the cause, if the back end kept it. Ignores the status of the error, since surf makes it up.
pub(crate) fn from_error(error: surf::Error) -> TransportError {
    let error = match error.downcast::<TransportError>() {
        Ok(ours) => return ours,
        Err(error) => error.into_inner(),
    };
    error
        .chain()
        .find_map(known)
        // The text of the error could contain anything.
        .unwrap_or_else(|| TransportError::new(Kind::Other, "surf reports an error"))
}

pub(crate) fn from_io(error: &io::Error) -> TransportError {
    let inner = error.get_ref().map(|inner| inner as &(dyn Error + 'static));
    if let Some(found) = causes(inner).find_map(known) {
        return found;
    }
    TransportError::from_io(error)
}

pub(crate) fn from_hyper(error: &hyper::Error) -> TransportError {
    if let Some(found) = causes(error.source()).find_map(known) {
        return found;
    }
    let kind = if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        Kind::Closed
    } else if error.is_parse() {
        Kind::Protocol
    } else {
        Kind::Other
    };
    TransportError::new(kind, error)
}

fn known(error: &(dyn Error + 'static)) -> Option<TransportError> {
    if let Some(ours) = error.downcast_ref::<TransportError>() {
        Some(ours.clone())
    } else if let Some(rustls) = error.downcast_ref() {
        Some(from_rustls(rustls))
    } else if let Some(io) = error.downcast_ref() {
        Some(from_io(io))
    } else if error.is::<TimeoutError>() {
        Some(TransportError::new(Kind::Timeout, ""))
    } else {
        None
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

fn causes<'a>(
    first: Option<&'a (dyn Error + 'static)>,
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(first, |&error| error.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(error: impl Into<surf::Error>) -> Kind {
        from_error(error.into()).kind()
    }

    // fault: invalid-certificate
    // Search the whole chain of causes.
    #[test]
    fn a_certificate_error_stays_one() {
        let rustls = || rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let io = || io::Error::new(io::ErrorKind::InvalidData, rustls());
        assert_eq!(kind(rustls()), Kind::Certificate);
        assert_eq!(kind(io()), Kind::Certificate);
        assert_eq!(kind(io::Error::other(io())), Kind::Certificate);
        assert_eq!(kind(rustls::Error::DecryptError), Kind::Tls);
    }

    #[test]
    fn a_text_is_not_repeated_and_a_status_not_believed() {
        let error = surf::Error::from_str(401, "https://login.example/?secret");
        let error = from_error(error);
        assert_eq!(error.kind(), Kind::Other);
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(!error.to_string().contains("401"), "{error}");
    }

    #[test]
    fn the_core_s_own_error_comes_back_as_it_was() {
        let error = TransportError::new(Kind::BodyTooLarge, "more than 7 bytes");
        assert_eq!(from_error(error.clone().into()), error);
    }

    #[test]
    fn a_back_end_s_timeout_is_one() {
        let never =
            async_std::future::timeout(std::time::Duration::ZERO, std::future::pending::<()>());
        let error = async_std::task::block_on(never).unwrap_err();
        assert_eq!(kind(error), Kind::Timeout);
    }
}
