//! A client certificate in place of a secret (RFC 8705), in files that are rotated while the program runs.
//!
//! ```sh
//! cargo run --example mutual_tls
//! ```
//!
//! The server is local and demands a certificate; all certificates are made at the start.
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::{env, fs, process, thread};

use edge_oauth_keys::{CertificateFiles, MutualTls};
use edge_oauth_no_io::{ClientAuth, Config};
use edge_oauth_ureq::{TokenSource, UreqTransport, client_certificate};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

type Authority = CertifiedIssuer<'static, KeyPair>;
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let authority = authority()?;
    let endpoint = serve(&authority)?;
    let folder = env::temp_dir().join(format!("edge-oauth-mutual-tls-{}", process::id()));
    fs::create_dir_all(&folder)?;
    let result = client(&authority, &endpoint, &folder);
    fs::remove_dir_all(&folder)?;
    result
}

/// The part that a program needs. Its files are those of cert-manager, Vault's agent, a SPIFFE helper.
fn client(authority: &Authority, endpoint: &str, folder: &Path) -> Result<(), Failure> {
    rotate(authority, folder)?;
    let files = CertificateFiles::new(folder.join("tls.crt"), folder.join("tls.key"));
    let roots = RootCerts::new_with_certs(&[Certificate::from_pem(authority.pem().as_bytes())?]);
    let tls = TlsConfig::builder().root_certs(roots.clone()).build();
    let transport = MutualTls::new(files, move |certificate| {
        let own = client_certificate(certificate.chain(), certificate.key_pem())?;
        let tls = TlsConfig::builder().root_certs(roots.clone());
        Ok(UreqTransport::with_tls(tls.client_cert(Some(own)).build()))
    })?;

    let config = Config::builder(endpoint, "my-client")
        .client_auth(ClientAuth::TlsClientAuth)
        .build()?;
    let source = TokenSource::new(transport, config.clone());
    println!("first token: {}", source.token()?.expose());

    // A platform does this, before the old certificate expires. The next token request reads the files.
    rotate(authority, folder)?;
    println!("second token: {}", source.refresh()?.expose());

    // The error says what a server of this kind demands.
    let without = TokenSource::new(UreqTransport::with_tls(tls), config.clone());
    if let Err(error) = without.token() {
        println!("without a certificate: {error}");
    }
    let missing = CertificateFiles::new(folder.join("missing.crt"), folder.join("tls.key"));
    if let Err(error) = missing.read() {
        println!("without a file: {error}");
    }
    Ok(())
}

fn authority() -> Result<Authority, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

/// Writes a new certificate of the client and its key.
fn rotate(authority: &Authority, folder: &Path) -> Result<(), Failure> {
    let key = KeyPair::generate()?;
    let params = CertificateParams::new(["client.example".to_owned()])?;
    let certificate = params.signed_by(&key, authority)?;
    fs::write(folder.join("tls.crt"), certificate.pem())?;
    fs::write(folder.join("tls.key"), key.serialize_pem())?;
    Ok(())
}

/// Starts a token endpoint for clients whose certificates this authority signed, and returns its URL.
fn serve(authority: &Authority) -> Result<String, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone())?;
    let provider = Arc::new(ring::default_provider());
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let key = KeyPair::generate()?;
    let certificate =
        CertificateParams::new(["127.0.0.1".to_owned()])?.signed_by(&key, authority)?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(clients.build()?)
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der())?,
        )?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let endpoint = format!("https://{}/token", listener.local_addr()?);
    let config = Arc::new(config);
    thread::spawn(move || {
        let mut known = Vec::new();
        for socket in listener.incoming().flatten() {
            // The client has gone, or has no certificate.
            let _ = answer(&config, socket, &mut known);
        }
    });
    Ok(endpoint)
}

/// Sends the response of one token request. The token contains the number of the presented certificate.
fn answer(
    config: &Arc<ServerConfig>,
    socket: TcpStream,
    known: &mut Vec<Vec<u8>>,
) -> Result<(), Failure> {
    let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(config))?, socket);
    while stream.conn.is_handshaking() {
        if let Err(error) = stream.conn.complete_io(&mut stream.sock) {
            // The alert is written. If the socket were closed with unread bytes, a reset could overtake the alert.
            stream.sock.shutdown(Shutdown::Write)?;
            io::copy(&mut stream.sock, &mut io::sink())?;
            return Err(error.into());
        }
    }
    let certificates = stream.conn.peer_certificates().ok_or("no certificate")?;
    let certificate = certificates.first().ok_or("no certificate")?.to_vec();
    if !known.contains(&certificate) {
        known.push(certificate);
    }

    let mut reader = BufReader::new(&mut stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse()?;
            }
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    io::copy(&mut reader.take(length), &mut io::sink())?;
    let body = format!(
        r#"{{"access_token":"token-for-certificate-{}","token_type":"Bearer","expires_in":60}}"#,
        known.len()
    );
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    stream.conn.send_close_notify();
    stream.flush()?;
    Ok(())
}
