//! TLS: who is trusted, and that nothing is said to anybody else.

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use edge_oauth_no_io::{RequestLimits, TransportErrorKind as Kind};
use rustls::ServerConfig;

use crate::certificates::{self, Authority};
use crate::exchange::{HALF, SHORT, answered, failed, half_is_no_token, ok, send, send_within};
use crate::secrecy::planted::TOKEN;
use crate::server::test_server::Peer;
use crate::subject::Subject;

// fault: private-authority
pub(super) fn trusted_authority_is_accepted_by_name_and_by_address<S: Subject>() {
    let authority = Authority::new("ours");
    let peer = answering(authority.server());
    let subject = S::trusting(&authority.pem());
    for url in [peer.url(), peer.url_by_name(), peer.url()] {
        assert_eq!(answered(send(&subject, &url)), (200, TOKEN.to_owned()));
    }
    assert_eq!(peer.requests().len(), 3);
}

// fault: invalid-certificate
pub(super) fn certificate_of_an_unknown_authority_is_rejected<S: Subject>() {
    refused(&S::new(), Authority::new("ours").server());
}

// fault: invalid-certificate
// Trusting one authority is not trusting all
pub(super) fn certificate_of_another_authority_is_rejected<S: Subject>() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    refused(&S::trusting(&ours.pem()), theirs.server());
    // The same name makes it no better.
    let namesake = Authority::new("ours");
    refused(&S::trusting(&ours.pem()), namesake.server());
}

// fault: invalid-certificate
pub(super) fn expired_certificate_is_rejected<S: Subject>() {
    let authority = Authority::new("ours");
    let server = authority.server_with(certificates::expired());
    refused(&S::trusting(&authority.pem()), server);
}

// fault: invalid-certificate
pub(super) fn certificate_of_the_future_is_rejected<S: Subject>() {
    let authority = Authority::new("ours");
    let server = authority.server_with(certificates::not_yet_valid());
    refused(&S::trusting(&authority.pem()), server);
}

// fault: invalid-certificate
// Neither the name nor the address may be read from anything else
pub(super) fn certificate_for_another_host_is_rejected<S: Subject>() {
    let authority = Authority::new("ours");
    let subject = S::trusting(&authority.pem());
    let server = |names| authority.server_with(certificates::of(names));
    refused(&subject, server(&["other.example", "127.0.0.2"]));

    let peer = answering(server(&["localhost"]));
    assert_eq!(failed(send(&subject, &peer.url())), Kind::Certificate);
    assert_eq!(answered(send(&subject, &peer.url_by_name())).0, 200);

    let peer = answering(server(&["127.0.0.1"]));
    assert_eq!(
        failed(send(&subject, &peer.url_by_name())),
        Kind::Certificate
    );
    assert_eq!(answered(send(&subject, &peer.url())).0, 200);
}

// fault: invalid-certificate
pub(super) fn self_signed_certificate_is_rejected<S: Subject>() {
    let authority = Authority::new("ours");
    refused(
        &S::trusting(&authority.pem()),
        certificates::self_signed().0,
    );
    refused(&S::new(), certificates::self_signed().0);
}

// fault: full-handshake-for-each-connection
pub(super) fn second_connection_resumes_the_tls_session<S: Subject>() {
    let authority = Authority::new("ours");
    let resumed = Arc::new(Mutex::new(Vec::new()));
    let kinds = Arc::clone(&resumed);
    let peer = Peer::tls(authority.server(), move |connection| {
        connection.request()?;
        kinds.lock().unwrap().push(connection.is_resumed());
        let length = TOKEN.len();
        connection.write(format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{TOKEN}"
        ))
    });
    let subject = S::trusting(&authority.pem());
    for _ in 0..3 {
        assert_eq!(answered(send(&subject, &peer.url_by_name())).0, 200);
    }
    assert_eq!(*resumed.lock().unwrap(), [false, true, true]);
}

// fault: invalid-certificate, certificate-advice-missing
pub(super) fn ca_certificate_as_the_servers_own_is_rejected_with_advice<S: Subject>() {
    let (server, pem) = certificates::authority_as_server();
    let peer = answering(server);
    let error = send(&S::trusting(&pem), &peer.url_by_name()).unwrap_err();
    assert_eq!(error.kind(), Kind::Certificate, "{error}");
    let shown = error.to_string();
    assert!(
        shown.contains("give the server a certificate without CA:TRUE"),
        "{shown}"
    );
    assert!(!shown.contains("OtherError"), "{shown}");
    assert!(peer.requests().is_empty());

    // The advice works.
    let (server, pem) = certificates::self_signed();
    let peer = answering(server);
    let result = send(&S::trusting(&pem), &peer.url_by_name());
    assert_eq!(answered(result), (200, TOKEN.to_owned()));
}

// fault: invalid-certificate, cause-of-a-transport-error-lost
pub(super) fn certificate_error_keeps_its_cause<S: Subject>() {
    let peer = answering(Authority::new("unknown").server());
    let error = send(&S::new(), &peer.url_by_name()).unwrap_err();
    let source = error.source().map(ToString::to_string);
    let source = source.unwrap_or_else(|| panic!("{error:?} has no cause"));
    assert!(source.contains("UnknownIssuer"), "{source}");
}

// fault: silent-server
pub(super) fn silent_handshake_times_out<S: Subject>() {
    let peer = Peer::plain(|connection| connection.until_closed());
    let kind = failed(send_within(
        &trusting::<S>(),
        &https(&peer),
        RequestLimits::token(SHORT),
    ));
    assert_eq!(kind, Kind::Timeout);
    assert_eq!(peer.connections(), 1);
}

// fault: https-to-a-plain-server
pub(super) fn server_without_tls_is_a_tls_error<S: Subject>() {
    let peer = Peer::plain(|connection| {
        connection.byte()?;
        connection.write("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")?;
        connection.until_closed()
    });
    let kind = failed(send(&trusting::<S>(), &https(&peer)));
    assert_eq!(kind, Kind::Tls);
    assert_eq!(peer.connections(), 1);
}

// fault: https-to-a-plain-server
pub(super) fn silent_server_without_tls_times_out<S: Subject>() {
    let peer = Peer::plain(|connection| connection.head().map(drop));
    let kind = failed(send_within(
        &trusting::<S>(),
        &https(&peer),
        RequestLimits::token(SHORT),
    ));
    assert_eq!(kind, Kind::Timeout);
    assert_eq!(peer.connections(), 1);
}

// fault: old-tls
// RFC 8446 §6.2, a fatal alert, `protocol_version`, in a record of TLS 1.1
pub(super) fn server_with_old_tls_is_a_tls_error<S: Subject>() {
    let peer = Peer::plain(|connection| {
        connection.byte()?;
        connection.write(b"\x15\x03\x02\x00\x02\x02\x46")?;
        connection.until_closed()
    });
    let error = send(&trusting::<S>(), &https(&peer)).unwrap_err();
    assert_eq!(error.kind(), Kind::Tls, "{error}");
    assert!(!error.is_transient());
    assert_eq!(peer.connections(), 1);
}

// fault: cut-body
pub(super) fn body_cut_short_with_or_without_close_notify_is_a_closed_error<S: Subject>() {
    let authority = Authority::new("ours");
    for goodbye in [true, false] {
        let peer = saying(&authority, goodbye, "content-length: 1000");
        let kind = failed(send(&S::trusting(&authority.pem()), &peer.url()));
        assert_eq!(kind, Kind::Closed, "with a goodbye: {goodbye}");
        assert_eq!(peer.connections(), 1);
    }
}

// fault: body-ended-by-close
pub(super) fn body_without_a_length_ends_with_close_notify<S: Subject>() {
    let authority = Authority::new("ours");
    let peer = saying(&authority, true, "connection: close");
    let result = send(&S::trusting(&authority.pem()), &peer.url());
    if S::close_delimited_bodies_work() {
        assert_eq!(answered(result), (200, HALF.to_owned()));
    } else {
        failed(result);
    }
}

// fault: cut-body, body-ended-by-close
// RFC 9112 §9.8, without a closure alert nobody knows whether that was all
pub(super) fn body_without_a_length_or_close_notify_is_no_token<S: Subject>() {
    let authority = Authority::new("ours");
    let peer = saying(&authority, false, "connection: close");
    half_is_no_token::<S>(send(&S::trusting(&authority.pem()), &peer.url()));
    assert_eq!(peer.connections(), 1);
}

/// By address and by name, for good, and with no request made.
fn refused<S: Subject>(subject: &S, server: Arc<ServerConfig>) {
    let peer = answering(server);
    for url in [peer.url(), peer.url_by_name()] {
        let error = send(subject, &url).unwrap_err();
        assert_eq!(error.kind(), Kind::Certificate, "{error}");
        assert!(!error.is_transient());
    }
    assert_eq!(peer.requests().len(), 0);
    assert_eq!(peer.connections(), 2);
}

fn answering(server: Arc<ServerConfig>) -> Peer {
    Peer::tls(server, |connection| {
        loop {
            connection.request()?;
            connection.write(ok(TOKEN))?;
        }
    })
}

/// Sends this header and half an answer, and ends the connection with TLS's goodbye or without it.
fn saying(authority: &Authority, goodbye: bool, header: &'static str) -> Peer {
    Peer::tls(authority.server(), move |connection| {
        connection.request()?;
        connection.write(format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n{HALF}"))?;
        match goodbye {
            true => Ok(()),
            false => Err(std::io::ErrorKind::ConnectionAborted.into()),
        }
    })
}

fn trusting<S: Subject>() -> S {
    S::trusting(&Authority::new("ours").pem())
}

fn https(peer: &Peer) -> String {
    peer.url().replace("http://", "https://")
}
