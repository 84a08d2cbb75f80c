//! Certificates, trusted and not.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use edge_oauth_no_io::TransportErrorKind as Kind;
use edge_oauth_surf::rustls::crypto::ring;
use edge_oauth_surf::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use edge_oauth_surf::rustls::{
    ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
};
use edge_oauth_surf::{Hyper1Client, SurfTransport};
use rcgen::{CertificateParams, KeyPair};

use crate::server::{Once, read_request, send};

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

struct Server {
    certificate: CertificateDer<'static>,
    port: u16,
    thread: JoinHandle<()>,
}

impl Server {
    fn new(params: CertificateParams, response: &'static str, says_goodbye: bool) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = thread::spawn(move || {
            let (socket, _) = listener.accept().unwrap();
            let connection = ServerConnection::new(Arc::new(config)).unwrap();
            let mut stream = StreamOwned::new(connection, socket);
            // A client that does not trust the certificate closes here.
            if stream.conn.complete_io(&mut stream.sock).is_ok() {
                read_request(&mut stream);
                stream.write_all(response.as_bytes()).unwrap();
                if says_goodbye {
                    stream.conn.send_close_notify();
                }
                let _ = stream.flush();
            }
        });
        Self {
            certificate,
            port,
            thread,
        }
    }

    fn for_names(names: &[&str]) -> Self {
        Self::new(params(names), ANSWER, true)
    }

    /// Returns the status or the error of a request to this host name.
    fn asked(self, name: &str, is_trusted: bool) -> Result<u16, Kind> {
        let transport = match is_trusted {
            true => trusting(&self.certificate),
            false => SurfTransport::new(),
        };
        let outcome = send(&transport, &format!("https://{name}:{}/token", self.port));
        self.thread.join().unwrap();
        match outcome {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) => Err(error.kind()),
        }
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).unwrap()
}

fn trusting(certificate: &CertificateDer<'static>) -> SurfTransport {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    SurfTransport::with_client(surf::Client::with_http_client(Hyper1Client::with_tls(tls)))
}

// fault: private-authority
#[test]
fn private_root_is_trusted_by_name_and_by_address() {
    for name in ["localhost", "127.0.0.1"] {
        let server = Server::for_names(&["localhost", "127.0.0.1"]);
        assert_eq!(server.asked(name, true), Ok(200));
    }
}

// fault: invalid-certificate
#[test]
fn untrusted_certificate_is_a_certificate_error() {
    let server = Server::for_names(&["localhost"]);
    assert_eq!(server.asked("localhost", false), Err(Kind::Certificate));
}

#[test]
fn certificate_for_another_host_is_a_certificate_error() {
    for name in ["localhost", "127.0.0.1"] {
        let server = Server::for_names(&["elsewhere.example"]);
        assert_eq!(server.asked(name, true), Err(Kind::Certificate));
    }
}

#[test]
fn expired_certificate_is_a_certificate_error() {
    let mut params = params(&["localhost"]);
    params.not_before = rcgen::date_time_ymd(2001, 1, 1);
    params.not_after = rcgen::date_time_ymd(2002, 1, 1);
    let server = Server::new(params, ANSWER, true);
    assert_eq!(server.asked("localhost", true), Err(Kind::Certificate));
}

// fault: body-ended-by-close
// Over TLS a body ends with `close_notify`. Without it, someone on the network may have cut the response.
#[test]
fn body_without_close_notify_is_a_closed_error() {
    let response = "HTTP/1.1 200 OK\r\n\r\n{}";
    let server = Server::new(params(&["localhost"]), response, true);
    assert_eq!(server.asked("localhost", true), Ok(200));
    let server = Server::new(params(&["localhost"]), response, false);
    assert_eq!(server.asked("localhost", true), Err(Kind::Closed));
}

// fault: https-to-a-plain-server
#[test]
fn server_without_tls_is_a_tls_error() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("https://{}/token", listener.local_addr().unwrap());
    let thread = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        std::io::Read::read(&mut stream, &mut [0]).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        stream
    });
    let error = send(&SurfTransport::new(), &url).unwrap_err();
    drop(thread.join());
    assert_eq!(error.kind(), Kind::Tls);
}

// fault: http-on-the-loopback
#[test]
fn http_endpoint_is_requested_without_tls() {
    let server = Once::with(ANSWER);
    let response = send(&SurfTransport::new(), &server.url()).unwrap();
    assert_eq!(response.status(), 200);
    assert!(server.request().starts_with("POST /token HTTP/1.1\r\n"));
}
