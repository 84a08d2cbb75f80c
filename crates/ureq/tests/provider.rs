//! The transport's own agent ignores the crypto provider of the process.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::Duration;

use edge_oauth_conformance::{FaultyServer, WIRE_FAULTS};
use edge_oauth_no_io::{Config, Secret, TokenError, TransportErrorKind as Kind};
use edge_oauth_ureq::UreqTransport;
use rustls::crypto::{CryptoProvider, ring};

/// A process has one provider, so this file has one test.
// fault: crypto-provider-of-the-process
#[test]
fn own_agent_uses_ring_whatever_the_process_has_installed() {
    // A TLS connection with this provider would fail.
    let useless = CryptoProvider {
        cipher_suites: Vec::new(),
        kx_groups: Vec::new(),
        ..ring::default_provider()
    };
    useless.install_default().unwrap();
    let installed = CryptoProvider::get_default().map(Arc::clone).unwrap();
    assert!(installed.cipher_suites.is_empty());

    let server = FaultyServer::start();
    let [_, url] = server.urls(&WIRE_FAULTS[0]);
    let config = Config::builder(&url, "my-client")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap();
    let error = UreqTransport::new()
        .fetch(&config, Duration::from_secs(30))
        .unwrap_err();
    let TokenError::Transport(error) = error else {
        panic!("{error}")
    };
    // The handshake reached the certificate, whose authority the agent does not trust.
    assert_eq!(error.kind(), Kind::Certificate, "{error}");
}
