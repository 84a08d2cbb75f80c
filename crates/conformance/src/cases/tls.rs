//! TLS: only a trusted server receives a request.

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use edge_oauth_no_io::{RequestLimits, TransportErrorKind as Kind};
use rustls::ServerConfig;

use crate::certificates::{self, Authority};
use crate::exchange::{
    HALF, SHORT, assert_half_is_no_token, error_kind, ok, send, send_within, status_and_body,
};
use crate::secrecy::planted::TOKEN;
use crate::server::test_server::TestServer;
use crate::subject::Subject;

// fault: private-authority
pub(super) fn trusted_authority_is_accepted_by_name_and_by_address<S: Subject>() {
    let authority = Authority::new("ours");
    let server = token_server(authority.server());
    let subject = S::trusting(&authority.pem());
    for url in [server.url(), server.url_by_name(), server.url()] {
        assert_eq!(
            status_and_body(send(&subject, &url)),
            (200, TOKEN.to_owned())
        );
    }
    assert_eq!(server.requests().len(), 3);
}

// fault: invalid-certificate
pub(super) fn certificate_of_an_unknown_authority_is_rejected<S: Subject>() {
    assert_rejected(&S::new(), Authority::new("ours").server());
}

// fault: invalid-certificate
// A transport that trusts one authority trusts no other
pub(super) fn certificate_of_another_authority_is_rejected<S: Subject>() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    assert_rejected(&S::trusting(&ours.pem()), theirs.server());
    // An authority of the same name is another authority.
    let namesake = Authority::new("ours");
    assert_rejected(&S::trusting(&ours.pem()), namesake.server());
}

// fault: invalid-certificate
pub(super) fn expired_certificate_is_rejected<S: Subject>() {
    let authority = Authority::new("ours");
    let tls_config = authority.server_with(certificates::expired());
    assert_rejected(&S::trusting(&authority.pem()), tls_config);
}

// fault: invalid-certificate
pub(super) fn certificate_of_the_future_is_rejected<S: Subject>() {
    let authority = Authority::new("ours");
    let tls_config = authority.server_with(certificates::not_yet_valid());
    assert_rejected(&S::trusting(&authority.pem()), tls_config);
}

// fault: invalid-certificate
// A name and an address each need an entry of the certificate
pub(super) fn certificate_for_another_host_is_rejected<S: Subject>() {
    let authority = Authority::new("ours");
    let subject = S::trusting(&authority.pem());
    let tls_config = |names| authority.server_with(certificates::for_names(names));
    assert_rejected(&subject, tls_config(&["other.example", "127.0.0.2"]));

    let server = token_server(tls_config(&["localhost"]));
    assert_eq!(error_kind(send(&subject, &server.url())), Kind::Certificate);
    assert_eq!(
        status_and_body(send(&subject, &server.url_by_name())).0,
        200
    );

    let server = token_server(tls_config(&["127.0.0.1"]));
    assert_eq!(
        error_kind(send(&subject, &server.url_by_name())),
        Kind::Certificate
    );
    assert_eq!(status_and_body(send(&subject, &server.url())).0, 200);
}

// fault: invalid-certificate
pub(super) fn self_signed_certificate_is_rejected<S: Subject>() {
    let authority = Authority::new("ours");
    assert_rejected(
        &S::trusting(&authority.pem()),
        certificates::self_signed().0,
    );
    assert_rejected(&S::new(), certificates::self_signed().0);
}

// fault: full-handshake-for-each-connection
pub(super) fn second_connection_resumes_the_tls_session<S: Subject>() {
    let authority = Authority::new("ours");
    let resumed = Arc::new(Mutex::new(Vec::new()));
    let kinds = Arc::clone(&resumed);
    let server = TestServer::start_tls(authority.server(), move |connection| {
        connection.request()?;
        kinds.lock().unwrap().push(connection.is_resumed());
        let length = TOKEN.len();
        connection.write(format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{TOKEN}"
        ))
    });
    let subject = S::trusting(&authority.pem());
    for _ in 0..3 {
        assert_eq!(
            status_and_body(send(&subject, &server.url_by_name())).0,
            200
        );
    }
    assert_eq!(*resumed.lock().unwrap(), [false, true, true]);
}

// fault: invalid-certificate, certificate-advice-missing
pub(super) fn ca_certificate_as_the_servers_own_is_rejected_with_advice<S: Subject>() {
    let (tls_config, pem) = certificates::authority_as_server();
    let server = token_server(tls_config);
    let error = send(&S::trusting(&pem), &server.url_by_name()).unwrap_err();
    assert_eq!(error.kind(), Kind::Certificate, "{error}");
    let shown = error.to_string();
    assert!(
        shown.contains("give the server a certificate without CA:TRUE"),
        "{shown}"
    );
    assert!(!shown.contains("OtherError"), "{shown}");
    assert!(server.requests().is_empty());

    // The advice works: the same client accepts a server that follows it.
    let (tls_config, pem) = certificates::self_signed();
    let server = token_server(tls_config);
    let result = send(&S::trusting(&pem), &server.url_by_name());
    assert_eq!(status_and_body(result), (200, TOKEN.to_owned()));
}

// fault: invalid-certificate, cause-of-a-transport-error-lost
pub(super) fn certificate_error_keeps_its_cause<S: Subject>() {
    let server = token_server(Authority::new("unknown").server());
    let error = send(&S::new(), &server.url_by_name()).unwrap_err();
    let source = error.source().map(ToString::to_string);
    let source = source.unwrap_or_else(|| panic!("{error:?} has no cause"));
    assert!(source.contains("UnknownIssuer"), "{source}");
}

// fault: silent-server
pub(super) fn silent_handshake_times_out<S: Subject>() {
    let server = TestServer::start_plain(|connection| connection.read_until_closed());
    let kind = error_kind(send_within(
        &trusting::<S>(),
        &https(&server),
        RequestLimits::token(SHORT),
    ));
    assert_eq!(kind, Kind::Timeout);
    assert_eq!(server.connections(), 1);
}

// fault: https-to-a-plain-server
pub(super) fn server_without_tls_is_a_tls_error<S: Subject>() {
    let server = TestServer::start_plain(|connection| {
        connection.byte()?;
        connection.write("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")?;
        connection.read_until_closed()
    });
    let kind = error_kind(send(&trusting::<S>(), &https(&server)));
    assert_eq!(kind, Kind::Tls);
    assert_eq!(server.connections(), 1);
}

// fault: https-to-a-plain-server
pub(super) fn silent_server_without_tls_times_out<S: Subject>() {
    let server = TestServer::start_plain(|connection| connection.head().map(drop));
    let kind = error_kind(send_within(
        &trusting::<S>(),
        &https(&server),
        RequestLimits::token(SHORT),
    ));
    assert_eq!(kind, Kind::Timeout);
    assert_eq!(server.connections(), 1);
}

// fault: old-tls
// A fatal alert `protocol_version` in a record of TLS 1.1 (RFC 8446 §6.2)
pub(super) fn server_with_old_tls_is_a_tls_error<S: Subject>() {
    let server = TestServer::start_plain(|connection| {
        connection.byte()?;
        connection.write(b"\x15\x03\x02\x00\x02\x02\x46")?;
        connection.read_until_closed()
    });
    let error = send(&trusting::<S>(), &https(&server)).unwrap_err();
    assert_eq!(error.kind(), Kind::Tls, "{error}");
    assert!(!error.is_transient());
    assert_eq!(server.connections(), 1);
}

// fault: cut-body
pub(super) fn body_cut_short_with_or_without_close_notify_is_a_closed_error<S: Subject>() {
    let authority = Authority::new("ours");
    for close_notify in [true, false] {
        let server = half_a_response(&authority, close_notify, "content-length: 1000");
        let kind = error_kind(send(&S::trusting(&authority.pem()), &server.url()));
        assert_eq!(kind, Kind::Closed, "with a close_notify: {close_notify}");
        assert_eq!(server.connections(), 1);
    }
}

// fault: body-ended-by-close
pub(super) fn body_without_a_length_ends_with_close_notify<S: Subject>() {
    let authority = Authority::new("ours");
    let server = half_a_response(&authority, true, "connection: close");
    let result = send(&S::trusting(&authority.pem()), &server.url());
    if S::close_delimited_bodies_work() {
        assert_eq!(status_and_body(result), (200, HALF.to_owned()));
    } else {
        error_kind(result);
    }
}

// fault: cut-body, body-ended-by-close
// Without a closure alert the body may be incomplete (RFC 9112 §9.8)
pub(super) fn body_without_a_length_or_close_notify_is_no_token<S: Subject>() {
    let authority = Authority::new("ours");
    let server = half_a_response(&authority, false, "connection: close");
    assert_half_is_no_token::<S>(send(&S::trusting(&authority.pem()), &server.url()));
    assert_eq!(server.connections(), 1);
}

/// Asserts a permanent certificate error before any request, by address and by name.
fn assert_rejected<S: Subject>(subject: &S, tls_config: Arc<ServerConfig>) {
    let server = token_server(tls_config);
    for url in [server.url(), server.url_by_name()] {
        let error = send(subject, &url).unwrap_err();
        assert_eq!(error.kind(), Kind::Certificate, "{error}");
        assert!(!error.is_transient());
    }
    assert_eq!(server.requests().len(), 0);
    assert_eq!(server.connections(), 2);
}

fn token_server(tls_config: Arc<ServerConfig>) -> TestServer {
    TestServer::start_tls(tls_config, |connection| {
        loop {
            connection.request()?;
            connection.write(ok(TOKEN))?;
        }
    })
}

/// Starts a server that sends this header and half a response, and ends the connection with or without `close_notify`.
fn half_a_response(authority: &Authority, close_notify: bool, header: &'static str) -> TestServer {
    TestServer::start_tls(authority.server(), move |connection| {
        connection.request()?;
        connection.write(format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n{HALF}"))?;
        match close_notify {
            true => Ok(()),
            false => Err(std::io::ErrorKind::ConnectionAborted.into()),
        }
    })
}

fn trusting<S: Subject>() -> S {
    S::trusting(&Authority::new("ours").pem())
}

fn https(server: &TestServer) -> String {
    server.url().replace("http://", "https://")
}
