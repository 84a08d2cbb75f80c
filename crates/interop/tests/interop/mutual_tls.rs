//! Client certificates that `oidc-provider` verifies: those of an authority, and registered ones.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use edge_oauth_conformance::{Authority, PemPair, Subject};
use edge_oauth_keys::{CertificateFiles, ClientCertificate, PrivateKey};
use edge_oauth_no_io::{AccessToken, ClientAuth};
use rcgen::{CertificateParams, KeyPair};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::assertions::{AUTHORITY, FAPI, PLAIN, Server, refused};
use crate::clients::listening;
use crate::credentials::{Attempt, Proof, attempt_now};

/// The token is bound to the certificate (RFC 8705 §3.1).
pub(crate) fn certificate_of_an_authority_is_accepted<S: Subject>() {
    let files = Files::new(&PAIRS.tls[0]);
    for server in [&*PLAIN, &*FAPI] {
        let attempt = ask(server, "tls", &files.subject::<S>());
        assert_eq!(bound_to(&attempt.result.unwrap()), files.thumbprint());
    }
}

pub(crate) fn registered_certificate_is_accepted<S: Subject>() {
    let files = Files::new(&PAIRS.self_signed);
    for server in [&*PLAIN, &*FAPI] {
        let attempt = ask(server, "self-signed", &files.subject::<S>());
        assert_eq!(bound_to(&attempt.result.unwrap()), files.thumbprint());
    }
}

// fault: client-certificate-is-rotated
pub(crate) fn rotated_certificate_is_used_by_the_next_token_request<S: Subject>() {
    let files = Files::new(&PAIRS.self_signed);
    let subject = files.subject::<S>();
    let tokens = PAIRS.tls.each_ref().map(|pair| {
        files.put(pair);
        let token = ask(&PLAIN, "tls", &subject).result.unwrap();
        assert_eq!(bound_to(&token), files.thumbprint());
        bound_to(&token)
    });
    assert_ne!(tokens[0], tokens[1]);
}

// fault: client-certificate-is-not-accepted
pub(crate) fn request_without_a_certificate_is_rejected<S: Subject>() {
    for client in ["tls", "self-signed"] {
        let attempt = ask(&PLAIN, client, &PLAIN.subject::<S>());
        refused(
            &attempt,
            "certificate was not provided",
            "presents a certificate",
        );
    }
}

// fault: client-certificate-is-not-accepted
pub(crate) fn certificate_of_another_client_is_rejected<S: Subject>() {
    for (client, pair, detail) in [
        ("tls", &PAIRS.other, "does not match"),
        ("tls", &PAIRS.foreign, "was not verified"),
        ("self-signed", &PAIRS.tls[0], "unregistered"),
    ] {
        let attempt = ask(&PLAIN, client, &Files::new(pair).subject::<S>());
        refused(&attempt, detail, "is registered for the client");
    }
}

/// Returns the registrations of the clients that prove their identity by a certificate.
pub(crate) fn clients() -> [Value; 2] {
    let own = &PAIRS.self_signed;
    let mut jwk = PrivateKey::from_pem(&own.key).unwrap().public_jwk();
    let certificate = ClientCertificate::from_pem(&own.certificate, &own.key).unwrap();
    let der = certificate.chain().next().unwrap();
    jwk.insert_str(1, &format!(r#""x5c":["{}"],"#, STANDARD.encode(der)));
    let jwk: Value = serde_json::from_str(&jwk).unwrap();
    [
        json!({
            "client_id": "tls",
            "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_san_dns": "tls.example",
            "tls_client_certificate_bound_access_tokens": true,
        }),
        json!({
            "client_id": "self-signed",
            "token_endpoint_auth_method": "self_signed_tls_client_auth",
            "jwks": { "keys": [jwk] },
            "tls_client_certificate_bound_access_tokens": true,
        }),
    ]
}

fn ask<S: Subject>(server: &Server, client: &str, subject: &S) -> Attempt {
    let config = server.config(client, ClientAuth::TlsClientAuth);
    attempt_now(subject, &config, &Proof::Present)
}

/// Returns the thumbprint of the certificate that a token is bound to.
fn bound_to(token: &AccessToken) -> String {
    let claims = token.expose().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims["cnf"]["x5t#S256"].as_str().unwrap().to_owned()
}

/// Certificates of clients. They are planted only once, since planting searches the whole log.
pub(crate) struct Pairs {
    tls: [PemPair; 2],
    other: PemPair,
    pub(crate) foreign: PemPair,
    self_signed: PemPair,
}

pub(crate) static PAIRS: LazyLock<Pairs> = LazyLock::new(|| {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["self-signed.example".to_owned()]).unwrap();
    let self_signed = PemPair {
        certificate: params.self_signed(&key).unwrap().pem(),
        key: key.serialize_pem(),
    };
    let pairs = Pairs {
        tls: [(); 2].map(|()| AUTHORITY.client_pem("tls.example")),
        other: AUTHORITY.client_pem("other.example"),
        foreign: Authority::new("another").client_pem("tls.example"),
        self_signed,
    };
    for pair in [&pairs.other, &pairs.foreign, &pairs.self_signed]
        .into_iter()
        .chain(&pairs.tls)
    {
        listening().plant("a client's private key", &pair.key);
    }
    pairs
});

/// The files of a client.
pub(crate) struct Files {
    chain: PathBuf,
    key: PathBuf,
}

impl Files {
    pub(crate) fn new(pair: &PemPair) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("files-{number}"));
        fs::create_dir_all(&folder).unwrap();
        let files = Self {
            chain: folder.join("tls.crt"),
            key: folder.join("tls.key"),
        };
        files.put(pair);
        files
    }

    fn put(&self, pair: &PemPair) {
        fs::write(&self.chain, &pair.certificate).unwrap();
        fs::write(&self.key, &pair.key).unwrap();
    }

    /// Returns a transport that trusts the servers and presents the certificate in the files.
    pub(crate) fn subject<S: Subject>(&self) -> S {
        self.trusting(&AUTHORITY)
    }

    pub(crate) fn trusting<S: Subject>(&self, authority: &Authority) -> S {
        let files = CertificateFiles::new(&self.chain, &self.key);
        S::presenting(&authority.pem(), files).unwrap()
    }

    fn thumbprint(&self) -> String {
        let certificate = CertificateFiles::new(&self.chain, &self.key)
            .read()
            .unwrap();
        let own = certificate.chain().next().unwrap();
        URL_SAFE_NO_PAD.encode(digest(&SHA256, own))
    }
}
