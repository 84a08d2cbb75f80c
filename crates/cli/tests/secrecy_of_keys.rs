//! Keys, assertions and subject tokens at the highest verbosity: they are not printed, whatever the response.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::Arc;

use common::Home;
use common::authority::Authority;
use common::keys::{Key, jwt, private};
use edge_oauth_conformance::Planted;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use serde_json::json;

const SECRET: &str = "n0such1secret2anywhere of 32 characters";

const KINDS: [&[&str]; 8] = [
    &["--key-file", "key.pem"],
    &["--key-file", "key.pem", "--body", "json"],
    &[
        "--client-auth",
        "client-secret-jwt",
        "--client-secret-file",
        "secret",
    ],
    &["--client-assertion-file", "assertion"],
    &["--client-assertion-env", "ID_TOKEN"],
    &[
        "--client-auth",
        "none",
        "--grant",
        "token-exchange",
        "--subject-token-file",
        "assertion",
    ],
    &[
        "--client-secret-file",
        "secret",
        "--grant",
        "jwt-bearer",
        "--grant-assertion-env",
        "ID_TOKEN",
    ],
    &[
        "--client-auth",
        "none",
        "--grant",
        "urn:example:grant",
        "--param-file",
        "pin=secret",
    ],
];

/// Returns a home with every credential, and the texts that must not be printed.
fn home() -> (Home, Planted, String) {
    let (home, key) = (Home::new(), Key::new());
    key.write(&home, "key.pem");
    private(&home, "secret", SECRET);
    let assertion = jwt(&json!({ "sub": "pl4nted-subject", "exp": 4_000_000_000_u64 }));
    private(&home, "assertion", &assertion);
    let mut planted = Planted::new()
        .with("the client secret", SECRET)
        .with("the assertion", &assertion)
        .with("the token", "t0ken-that-is-planted");
    for line in key.secrets() {
        planted = planted.with("a line of the key", &line);
    }
    (home, planted, assertion)
}

/// Returns the secrets of the newest request, such as an assertion that the program signed.
fn sent(authority: &Authority, planted: Planted) -> Planted {
    let Some(request) = authority.requests().pop() else {
        return planted;
    };
    let names = ["client_assertion", "assertion", "subject_token", "pin"];
    names
        .iter()
        .filter_map(|name| request.param(name))
        .fold(planted, |planted, value| {
            planted.with("a parameter", &value)
        })
}

#[test]
fn credential_is_not_printed_at_the_most_talkative_level() {
    let (home, planted, assertion) = home();
    let authority = Authority::start();
    let mut planted = planted;
    let echo = format!(
        r#"{{"error":"invalid_client","error_description":"no {assertion} and no {SECRET}"}}"#
    );
    let responses = [
        (
            200,
            r#"{"access_token":"t0ken-that-is-planted","token_type":"Bearer","expires_in":60}"#,
        ),
        (401, r#"{"error":"invalid_client"}"#),
        (
            400,
            r#"{"error":"invalid_grant","error_description":"jwt expired"}"#,
        ),
        (400, echo.as_str()),
    ];
    for kind in KINDS {
        for (status, body) in responses {
            for command in [
                &["token", "--no-cache"][..],
                &["exec", "--no-cache"],
                &["doctor", "-o", "json"],
            ] {
                authority.respond(status, body);
                let server = ["-vvv", "--client-id", "a", "--endpoint", authority.url()];
                let rest: &[&str] = if command[0] == "exec" {
                    &["--", "true"]
                } else {
                    &[]
                };
                let run = home
                    .run([command, &server, kind, rest].concat())
                    .talkative();
                let ended = run.env("ID_TOKEN", &assertion).finish();
                assert!(
                    ended.err.contains(" ureq::run: "),
                    "the libraries are heard: {ended:?}"
                );
                assert_eq!(ended.status == 0, status == 200, "{kind:?}: {ended:?}");
                planted = sent(&authority, planted);
                planted.assert_not_in(&ended.err);
                if command[0] != "token" {
                    planted.assert_not_in(&ended.out);
                }
            }
        }
        let server = ["-vvv", "--client-id", "a", "--endpoint", authority.url()];
        for format in ["http", "curl"] {
            let run = home
                .run([&["request", "-o", format], &server[..], kind].concat())
                .talkative();
            let ended = run.env("ID_TOKEN", &assertion).finish();
            planted.assert_not_in(&format!("{}{}", ended.out, ended.err));
        }
    }
}

#[test]
fn broken_credential_is_not_printed() {
    let (home, planted, _) = home();
    let authority = Authority::start();
    let key = std::fs::read_to_string(home.path.join("key.pem")).unwrap();
    private(&home, "cut.pem", &key[..key.len() / 2]);
    private(&home, "twice.pem", format!("{key}{key}"));
    private(&home, "damaged.pem", key.replacen('A', "!", 1));
    private(&home, "two-lines", format!("{SECRET}\n{SECRET}"));
    for kind in [
        &["--key-file", "cut.pem"][..],
        &["--key-file", "twice.pem"],
        &["--key-file", "damaged.pem"],
        &["--key-file", "secret"],
        &["--key-file", "key.pem", "--alg", "RS256"],
        &["--client-assertion-file", "key.pem"],
        &["--client-assertion-file", "two-lines"],
        &["--client-cert", "key.pem"],
        &["--client-cert", "secret", "--client-key", "key.pem"],
        &[
            "--client-auth",
            "none",
            "--grant",
            "token-exchange",
            "--subject-token-file",
            "two-lines",
        ],
    ] {
        for command in ["token", "doctor"] {
            let server = [
                command,
                "-vvv",
                "--client-id",
                "a",
                "--endpoint",
                authority.url(),
            ];
            let ended = home.run([&server[..], kind].concat()).talkative().finish();
            assert_eq!(ended.status, 3, "{kind:?}: {ended:?}");
            planted.assert_not_in(&format!("{}{}", ended.out, ended.err));
        }
    }
    assert!(authority.requests().is_empty());
}

#[test]
fn key_of_a_certificate_is_not_printed() {
    let (home, key) = (Home::new(), Key::new());
    key.write(&home, "key.pem");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    home.write("ca.pem", issuer.pem());
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let client = params.signed_by(&key.0, &issuer).unwrap();
    home.write("cert.pem", client.pem());
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(issuer.der().to_vec()))
        .unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .unwrap();
    let own = KeyPair::generate().unwrap();
    let server = params.signed_by(&own, &issuer).unwrap();
    let own = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(own.serialize_der()));
    let config = ServerConfig::builder().with_client_cert_verifier(verifier);
    let authority = Authority::start_tls(
        config
            .with_single_cert(vec![server.der().clone()], own)
            .unwrap(),
    );
    let mut planted = Planted::new();
    for line in key.secrets() {
        planted = planted.with("a line of the key", &line);
    }
    for command in ["token", "doctor", "request"] {
        let server = [
            command,
            "-vvv",
            "--client-id",
            "a",
            "--endpoint",
            authority.url(),
            "--no-cache",
        ];
        let files = [
            "--cacert",
            "ca.pem",
            "--client-cert",
            "cert.pem",
            "--client-key",
            "key.pem",
        ];
        let ended = home
            .run([&server[..], &files].concat())
            .talkative()
            .finish();
        assert_eq!(ended.status, 0, "{ended:?}");
        planted.assert_not_in(&format!("{}{}", ended.out, ended.err));
    }
}
