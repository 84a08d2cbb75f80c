//! Mutual TLS: a server that demands a client certificate.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::{env, fs, process};

use edge_oauth_keys::{CertificateFiles, ClientCertificate};
use edge_oauth_no_io::{Culprit, RequestLimits, TransportError, TransportErrorKind as Kind};

use crate::certificates::{Authority, PemPair};
use crate::exchange::{LONG, ok, send, send_within, status_and_body};
use crate::secrecy::planted::TOKEN;
use crate::secrecy::watch::watch;
use crate::server::test_server::TestServer;
use crate::subject::Subject;

pub(super) fn client_certificate_is_presented<S: Subject>() {
    let stage = Stage::new();
    let own = stage.rotate("client.example");
    let Some(subject) = stage.subject::<S>() else {
        return;
    };
    for url in [
        stage.server.url(),
        stage.server.url_by_name(),
        stage.server.url(),
    ] {
        assert_eq!(
            status_and_body(send(&subject, &url)),
            (200, TOKEN.to_owned())
        );
    }
    assert_eq!(stage.seen(), [own.clone(), own.clone(), own]);
}

// fault: client-certificate-is-not-accepted
pub(super) fn missing_client_certificate_is_an_error_with_the_reason<S: Subject>() {
    let stage = Stage::new();
    let subject = S::trusting(&stage.authority.pem());
    assert_rejected(&stage, &subject, "the server demands one");
}

// fault: client-certificate-is-not-accepted
pub(super) fn client_certificate_of_another_authority_is_rejected<S: Subject>() {
    let stage = Stage::new();
    stage.put(&Authority::new("another").client_pem("client.example"));
    let Some(subject) = stage.subject::<S>() else {
        return;
    };
    assert_rejected(&stage, &subject, "does not trust the authority");
}

// fault: client-certificate-is-rotated
pub(super) fn rotated_client_certificate_is_presented_by_the_next_token_request<S: Subject>() {
    let stage = Stage::new();
    let first = stage.rotate("first.example");
    let Some(subject) = stage.subject::<S>() else {
        return;
    };
    let api = RequestLimits::new(LONG, 1024);
    let ask = |limits| status_and_body(send_within(&subject, &stage.server.url(), limits));
    ask(RequestLimits::token(LONG));
    let second = stage.rotate("second.example");
    // A token may be bound to the certificate that it was requested with (RFC 8705 §3).
    ask(api);
    ask(RequestLimits::token(LONG));
    ask(api);
    assert_eq!(stage.seen(), [first.clone(), first, second.clone(), second]);
}

// fault: client-certificate-file-cannot-be-used
pub(super) fn unusable_file_is_an_error_with_its_name_until_it_is_replaced<S: Subject>() {
    let stage = Stage::new();
    stage.rotate("first.example");
    let Some(subject) = stage.subject::<S>() else {
        return;
    };
    let error = |says: &str, name: &str| {
        let error = send(&subject, &stage.server.url()).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.to_string().contains(name), "{error}");
        assert_configuration_error(&error);
    };
    // The certificate is new and the key is not yet, as in the middle of a rotation.
    let pair = stage.pair("second.example");
    fs::write(stage.folder.join("tls.crt"), &pair.certificate).unwrap();
    error("does not belong to the first certificate", "tls.key");
    fs::remove_file(stage.folder.join("tls.crt")).unwrap();
    error("does not exist", "tls.crt");
    assert_eq!(stage.server.connections(), 0);

    let second = stage.put(&pair);
    assert_eq!(status_and_body(send(&subject, &stage.server.url())).0, 200);
    assert_eq!(stage.seen(), [second]);
}

fn assert_rejected<S: Subject>(stage: &Stage, subject: &S, says: &str) {
    let error = loop {
        let error = send(subject, &stage.server.url()).unwrap_err();
        if S::early_alerts_are_read() || error.kind() != Kind::Closed {
            break error;
        }
    };
    assert!(error.to_string().contains(says), "{error}");
    assert_configuration_error(&error);
    assert_eq!(stage.server.requests().len(), 0);
}

fn assert_configuration_error(error: &TransportError) {
    assert_eq!(error.kind(), Kind::ClientCertificate, "{error}");
    assert_eq!(error.culprit(), Culprit::Config);
    assert!(!error.is_transient());
}

/// A server that demands a client certificate of its authority, and a client's certificate files.
struct Stage {
    authority: Authority,
    server: TestServer,
    folder: PathBuf,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Stage {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("edge-oauth-conformance-{}-{number}", process::id());
        let folder = env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let authority = Authority::new("ours");
        let seen: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let certificates = Arc::clone(&seen);
        let server = TestServer::start_tls(authority.server_for_clients(), move |connection| {
            loop {
                if let Err(error) = connection.request() {
                    connection.drain_after_alert()?;
                    return Err(error);
                }
                let certificate = connection.client_certificate().unwrap().to_vec();
                certificates.lock().unwrap().push(certificate);
                connection.write(ok(TOKEN))?;
            }
        });
        Self {
            authority,
            server,
            folder,
            seen,
        }
    }

    fn subject<S: Subject>(&self) -> Option<S> {
        let path = |name| self.folder.join(name);
        let files = CertificateFiles::new(path("tls.crt"), path("tls.key"));
        S::presenting(&self.authority.pem(), files)
    }

    fn pair(&self, name: &str) -> PemPair {
        let pair = self.authority.client_pem(name);
        watch().plant("the client's private key", &pair.key);
        pair
    }

    /// Writes the files of a new certificate, and returns the certificate in DER.
    fn rotate(&self, name: &str) -> Vec<u8> {
        self.put(&self.pair(name))
    }

    fn put(&self, pair: &PemPair) -> Vec<u8> {
        fs::write(self.folder.join("tls.crt"), &pair.certificate).unwrap();
        fs::write(self.folder.join("tls.key"), &pair.key).unwrap();
        let certificate = ClientCertificate::from_pem(&pair.certificate, &pair.key).unwrap();
        certificate.chain().next().unwrap().to_vec()
    }

    /// The certificate of each request, in order.
    fn seen(&self) -> Vec<Vec<u8>> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
