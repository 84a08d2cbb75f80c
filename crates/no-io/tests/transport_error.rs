//! The X rows as far as the core decides them: what a failure on the wire means.

use std::io::ErrorKind;

use std::time::Duration;

use edge_oauth_no_io::{
    CredentialError, Culprit, Origin, Provider, RequestLimits, TokenError, TransportError,
    TransportErrorKind as Kind,
};

#[test]
fn transport_error_of_each_kind_has_its_own_text() {
    for (kind, says) in [
        (Kind::Resolve, "the host was not found"),
        (Kind::Connect, "no connection"),
        (Kind::Certificate, "certificate was not accepted"),
        (Kind::ClientCertificate, "client certificate cannot be used"),
        (Kind::Tls, "TLS failed"),
        (Kind::Proxy, "the proxy cannot be used"),
        (Kind::Closed, "ended before the response did"),
        (Kind::Timeout, "timed out"),
        (Kind::Protocol, "not valid HTTP"),
        (Kind::Redirect, "is a redirect, which is not followed"),
        (Kind::BodyTooLarge, "too large"),
        (Kind::Other, "the exchange failed"),
    ] {
        for detail in ["", "in words"] {
            let shown = TransportError::new(kind, detail).to_string();
            assert!(shown.contains(says) && shown.ends_with(detail), "{shown}");
        }
    }
}

// fault: connection-refused, name-without-an-address, closed-before-the-response, cut-body, malformed-framing
// fault: slow-response
#[test]
fn io_error_has_the_kind_of_its_cause() {
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

// fault: connection-refused, name-without-an-address, silent-server, body-too-large, invalid-certificate, old-tls
// fault: proxy-wants-a-password
#[test]
fn transport_error_that_needs_a_change_is_permanent() {
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

// fault: redirect-that-a-browser-hides
#[test]
fn hidden_redirect_is_a_permanent_error_of_the_configuration() {
    let error = TokenError::from(TransportError::new(
        Kind::Redirect,
        "a browser hides the target",
    ));
    assert!(!error.is_transient());
    assert_eq!(error.culprit(), Culprit::Config);
    assert!(error.hint().unwrap().contains("token endpoint's URL"));
}

// fault: error-without-a-host
#[test]
fn error_names_the_host_once_and_the_proxy() {
    let error = TransportError::new(Kind::Timeout, "");
    assert_eq!((error.host(), error.proxy()), (None, None));
    let named = error
        .clone()
        .at(&"https://login.example/t?key=s3cret".parse().unwrap());
    assert_eq!(named.to_string(), "timed out (login.example:443)");
    let again = named.at(&"https://other.example:1/".parse().unwrap());
    assert_eq!(again.host(), Some("login.example:443"));
    let both = again.through("proxy.example:3128");
    assert_eq!(
        both.to_string(),
        "timed out (login.example:443 through the proxy proxy.example:3128)"
    );
    let uri = "http://us3r:s3cret@[::1]:8080/?s3cret".parse().unwrap();
    let named = error.at(&uri).to_string();
    assert_eq!(named, "timed out ([::1]:8080)");
}

// fault: cause-of-a-transport-error-lost
#[test]
fn io_error_stays_as_the_source_without_what_it_wraps() {
    let wrapped = std::io::Error::new(ErrorKind::ConnectionReset, "https://login.example/?s3cret");
    let error = TransportError::from_io(&wrapped);
    assert_eq!(error.kind(), Kind::Closed);
    let source = std::error::Error::source(&error).unwrap();
    let io: &std::io::Error = source.downcast_ref().unwrap();
    assert_eq!(io.kind(), ErrorKind::ConnectionReset);
    assert!(!format!("{error:?} {error} {io:?} {io}").contains("s3cret"));

    let of_the_system = TransportError::from_io(&std::io::Error::from_raw_os_error(111));
    let copy = of_the_system.clone();
    let source = std::error::Error::source(&copy).unwrap();
    let io: &std::io::Error = source.downcast_ref().unwrap();
    assert_eq!(io.raw_os_error(), Some(111));
    assert_eq!(copy, of_the_system);

    let without_a_kind = TransportError::from_io(&std::io::Error::from_raw_os_error(24));
    assert_eq!(without_a_kind.kind(), Kind::Other);
    let text = without_a_kind.to_string();
    assert!(text.contains("(os error 24)"), "{text}");

    let token_error = TokenError::from(copy);
    let source = std::error::Error::source(&token_error).unwrap();
    assert!(source.is::<std::io::Error>());
}

// fault: certificate-advice-missing
#[test]
fn certificate_of_an_authority_as_the_servers_own_comes_with_advice() {
    let text = "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))";
    let error = TransportError::new(Kind::Certificate, text);
    let shown = error.to_string();
    assert!(shown.contains("give the server a certificate"), "{shown}");
    assert!(!shown.contains("OtherError"), "{shown}");
    let shown = TransportError::new(Kind::Tls, text).to_string();
    assert!(shown.ends_with(text), "{shown}");
}

// fault: client-certificate-is-not-accepted
#[test]
fn alert_about_the_client_certificate_is_an_error_of_the_configuration() {
    for alert in [42, 43, 44, 45, 46, 48, 49, 116] {
        assert_eq!(Kind::from_tls_alert(alert), Kind::ClientCertificate);
    }
    // handshake_failure, illegal_parameter, protocol_version, no alert
    for alert in [40, 47, 70, 255] {
        assert_eq!(Kind::from_tls_alert(alert), Kind::Tls);
    }
    let text = "received fatal alert: CertificateRequired";
    let error = TransportError::new(Kind::ClientCertificate, text);
    let shown = error.to_string();
    assert!(
        shown.contains("give the HTTP client a certificate"),
        "{shown}"
    );
    assert!(!error.is_transient());
    assert_eq!(error.culprit(), Culprit::Config);
    assert_eq!(
        TransportError::new(Kind::Tls, text).culprit(),
        Culprit::Network
    );
}

#[test]
fn time_of_a_request_is_ten_years_at_most() {
    let years = Duration::from_secs(315_360_000);
    for (asked, given) in [
        (Duration::MAX, years),
        (years, years),
        (years / 2, years / 2),
    ] {
        assert_eq!(RequestLimits::new(asked, 1).timeout, given);
    }
}

#[test]
fn errors_and_providers_are_equal_if_all_that_they_print_is() {
    let error = || TransportError::new(Kind::Connect, "refused");
    let cause = std::io::Error::from(ErrorKind::ConnectionRefused);
    assert_eq!(error(), error().with_source(cause));
    let proxied = error().through("proxy.example:3128");
    assert_eq!(proxied.proxy(), Some("proxy.example:3128"));
    for other in [
        TransportError::new(Kind::Closed, "refused"),
        TransportError::new(Kind::Connect, ""),
        error().at(&"http://login.example/token".parse().unwrap()),
        proxied,
    ] {
        assert_ne!(error(), other);
    }
    let text = format!("{:?}", error());
    assert!(
        text.contains("Connect") && text.contains("refused"),
        "{text}"
    );

    assert_ne!(
        CredentialError::transient("a"),
        CredentialError::transient("b")
    );
    assert_ne!(
        CredentialError::transient("a"),
        CredentialError::permanent("a")
    );

    let origin = || Origin::from_url("https://api.example").unwrap();
    let standard = || Provider::standard().origin(origin());
    assert_eq!(standard(), standard());
    assert_ne!(standard(), Provider::standard());
    assert_ne!(Provider::standard(), Provider::experience_edge());
    assert_eq!(Provider::experience_edge().name(), "Experience Edge");
    let text = format!("{:?}", standard());
    assert!(
        text.contains("a standard server") && text.contains("api.example"),
        "{text}"
    );
}

#[test]
fn error_names_the_host_with_the_port_of_its_scheme() {
    for (url, host) in [
        ("https://login.example/token", "login.example:443"),
        ("http://localhost/token", "localhost:80"),
        ("http://localhost:8080/token", "localhost:8080"),
    ] {
        let error = TransportError::new(Kind::Connect, "").at(&url.parse().unwrap());
        assert_eq!(error.host(), Some(host));
    }
}
