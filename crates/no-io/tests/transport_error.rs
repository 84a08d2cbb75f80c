//! The X rows as far as the core decides them: what a failure on the wire means.

use std::io::ErrorKind;

use edge_oauth_no_io::{Culprit, TokenError, TransportError, TransportErrorKind as Kind};

#[test]
fn each_says_what_happened() {
    for (kind, says) in [
        (Kind::Resolve, "the host was not found"),
        (Kind::Connect, "no connection"),
        (Kind::Certificate, "certificate was not accepted"),
        (Kind::Tls, "TLS failed"),
        (Kind::Proxy, "the proxy refused"),
        (Kind::Closed, "ended before the answer did"),
        (Kind::Timeout, "timed out"),
        (Kind::Protocol, "not valid HTTP"),
        (Kind::BodyTooLarge, "too large"),
        (Kind::Other, "the exchange failed"),
    ] {
        for detail in ["", "in words"] {
            let shown = TransportError::new(kind, detail).to_string();
            assert!(shown.contains(says) && shown.ends_with(detail), "{shown}");
        }
    }
}

// X1, X2, X3, X4, X6, X7
#[test]
fn the_standard_librarys_errors_are_told_apart() {
    for (kinds, meant) in [
        (
            [
                ErrorKind::ConnectionRefused,
                ErrorKind::HostUnreachable,
                ErrorKind::NetworkUnreachable,
                ErrorKind::NetworkDown,
                ErrorKind::AddrNotAvailable,
            ]
            .as_slice(),
            Kind::Connect,
        ),
        (
            &[
                ErrorKind::UnexpectedEof,
                ErrorKind::ConnectionReset,
                ErrorKind::ConnectionAborted,
                ErrorKind::NotConnected,
                ErrorKind::BrokenPipe,
            ],
            Kind::Closed,
        ),
        (&[ErrorKind::TimedOut, ErrorKind::WouldBlock], Kind::Timeout),
        (
            &[ErrorKind::InvalidData, ErrorKind::InvalidInput],
            Kind::Protocol,
        ),
        (&[ErrorKind::PermissionDenied], Kind::Other),
    ] {
        for kind in kinds {
            assert_eq!(Kind::from(*kind), meant, "{kind}");
        }
    }
}

// X1, X2, X8, X9, X13, X15, X18
#[test]
fn only_what_somebody_has_to_change_is_not_tried_again() {
    for (kind, transient, hint) in [
        (Kind::Resolve, true, "DNS"),
        (Kind::Connect, true, ""),
        (Kind::Certificate, false, "clock"),
        (Kind::Tls, false, ""),
        (Kind::Proxy, false, ""),
        (Kind::Closed, true, ""),
        (Kind::Timeout, true, ""),
        (Kind::Protocol, true, ""),
        (Kind::BodyTooLarge, true, ""),
        (Kind::Other, true, ""),
    ] {
        let error = TokenError::from(TransportError::new(kind, "in words"));
        assert_eq!(error.is_transient(), transient, "{error}");
        assert_eq!(error.culprit(), Culprit::Network);
        assert_eq!(error.status(), None);
        assert_eq!(error.hint().is_some(), !hint.is_empty(), "{error}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{error}");
    }
}
