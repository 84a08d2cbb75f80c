//! TLS, where the errors of certificates are told from the others.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use edge_oauth_no_io::TransportErrorKind as Kind;
use edge_oauth_reqwest::ReqwestTransport;
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::peer::{Once, TOKEN, config_at, failure, fetch, kind, read_request, transport};

// X13
#[test]
fn an_unknown_issuer_is_an_error_of_the_certificate() {
    let (server, _) = serve("127.0.0.1");
    let error = failure(&transport(), &config_at(&https(&server)));
    assert_eq!(error.kind(), Kind::Certificate);
    assert!(!error.is_transient());
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
}

// X13
#[test]
fn another_hosts_certificate_is_an_error_of_the_certificate() {
    let (server, certificate) = serve("other.example");
    let transport = trusting(certificate);
    assert_eq!(
        kind(&transport, &config_at(&https(&server))),
        Kind::Certificate
    );
}

// X16
#[test]
fn a_client_of_the_callers_trusts_whom_the_caller_trusts() {
    let (server, certificate) = serve("127.0.0.1");
    let transport = trusting(certificate);
    fetch(&transport, &config_at(&https(&server))).unwrap();
    assert!(server.request().contains("grant_type=client_credentials"));
}

// X14
#[test]
fn a_server_without_tls_is_an_error_of_tls() {
    let server = Once::serving(|mut stream| {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
        let _ = stream.read(&mut [0; 1024]);
        String::new()
    });
    assert_eq!(kind(&transport(), &config_at(&https(&server))), Kind::Tls);
}

fn trusting(certificate: CertificateDer<'static>) -> ReqwestTransport {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls(certificate))
        .redirect(reqwest::redirect::Policy::none())
        .build();
    ReqwestTransport::with_client(client.unwrap())
}

fn tls(certificate: CertificateDer<'static>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn https(server: &Once) -> String {
    format!("https://{}/token", server.address)
}

/// A server for one connection, with a certificate for `name` that is its own authority.
fn serve(name: &str) -> (Once, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate = cert.der().clone();
    let config = server_config(certificate.clone(), &signing_key);
    let server = Once::serving(move |stream| answer(config, stream));
    (server, certificate)
}

fn server_config(certificate: CertificateDer<'static>, key: &KeyPair) -> ServerConfig {
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .unwrap()
}

/// A client that does not like the certificate leaves during the handshake.
fn answer(config: ServerConfig, stream: TcpStream) -> String {
    let connection = ServerConnection::new(Arc::new(config)).unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    if stream.conn.complete_io(&mut stream.sock).is_err() {
        return String::new();
    }
    let request = read_request(&mut stream);
    stream.write_all(TOKEN).unwrap();
    stream.conn.send_close_notify();
    let _ = stream.flush();
    request
}
