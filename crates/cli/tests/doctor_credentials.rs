//! `edge-oauth doctor` on keys, assertions and certificates: a line for each that can fail by itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::{SystemTime, UNIX_EPOCH};

use common::authority::Authority;
use common::keys::{Key, jwt, private};
use common::{Ended, Home};
use rcgen::{CertificateParams, date_time_ymd};
use serde_json::{Value, json};

const ASSERTION: [&str; 2] = ["--client-assertion-file", "assertion"];

fn examine(home: &Home, url: &str, arguments: &[&str]) -> Ended {
    let server = [
        "doctor",
        "--no-cache",
        "--client-id",
        "my-client",
        "--endpoint",
        url,
    ];
    let ended = home.run([&server[..], arguments].concat()).finish();
    for text in [&ended.out, &ended.err] {
        assert!(
            !text.contains("pl4nted") && !text.contains("eyJ"),
            "{ended:#?}"
        );
    }
    ended
}

/// Returns the outcome of a check, and its lines.
#[track_caller]
fn finding<'a>(ended: &'a Ended, check: &str) -> (&'a str, String) {
    let mut lines = ended.out.lines();
    let first = lines.find(|line| line[4..].trim_start().starts_with(&format!("{check}  ")));
    let first = first.unwrap_or_else(|| panic!("no {check}: {ended:#?}"));
    let next = lines
        .next()
        .filter(|line| line.starts_with(' '))
        .unwrap_or_default();
    (first[..4].trim_end(), format!("{first}\n{next}"))
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

#[test]
fn key_is_examined_before_it_signs() {
    let (home, authority, key) = (Home::new(), Authority::start(), Key::new());
    key.write(&home, "key.pem");
    let ended = examine(
        &home,
        authority.url(),
        &["--key-file", "key.pem", "--key-id", "2026-11"],
    );
    let (outcome, says) = finding(&ended, "key file");
    assert_eq!(outcome, "ok");
    assert!(
        says.contains("signs ES256 as the key \"2026-11\""),
        "{says}"
    );
    for check in [
        "assertion exp",
        "assertion aud",
        "assertion iss",
        "credentials and audience",
    ] {
        assert_eq!(finding(&ended, check).0, "ok", "{check}: {ended:#?}");
    }
    ended.ok();
    key.verify(&authority.last().param("client_assertion").unwrap());
    assert_eq!(authority.requests().len(), 1);
}

#[test]
fn key_that_cannot_sign_is_told_with_advice_and_the_rest_is_examined() {
    let (home, authority, key) = (Home::new(), Authority::start(), Key::new());
    key.write(&home, "key.pem");
    private(&home, "public.pem", key.0.public_key_pem());
    for (arguments, says) in [
        (
            &["--key-file", "key.pem", "--alg", "RS256"][..],
            "RS256 needs an RSA key",
        ),
        (
            &["--key-file", "public.pem"],
            "found a public key instead of a private key",
        ),
        (&["--key-file", "missing.pem"], "missing.pem"),
    ] {
        let ended = examine(&home, authority.url(), arguments);
        assert_eq!(ended.status, 3, "{ended:#?}");
        let (outcome, lines) = finding(&ended, "key file");
        assert!(outcome == "fail" && lines.contains(says), "{lines}");
        assert_eq!(finding(&ended, "connection").0, "ok");
        let (outcome, lines) = finding(&ended, "credentials and audience");
        assert!(
            outcome == "skip" && lines.contains("no usable credentials"),
            "{lines}"
        );
    }
    assert!(authority.requests().is_empty());
}

#[test]
fn claims_of_an_assertion_are_examined_line_by_line() {
    let (home, authority) = (Home::new(), Authority::start());
    let url = authority.url();
    let origin = url.strip_suffix("/token").unwrap();
    let good = |change: &dyn Fn(&mut Value)| {
        let mut claims = json!({ "iss": "https://cluster.example", "sub": "pod", "aud": url, "exp": now() + 600 });
        change(&mut claims);
        claims
    };
    let cases: [(Value, &str, &str, &str); 14] = [
        (good(&|_| ()), "assertion exp", "ok", "it expires "),
        (
            good(&|claims| claims["exp"] = json!(1_000_000_000)),
            "assertion exp",
            "fail",
            "check that the platform renews it",
        ),
        (
            good(&|claims| claims["exp"] = json!(now() + 3)),
            "assertion exp",
            "warn",
            "it expires ",
        ),
        (
            good(&|claims| claims["exp"] = Value::Null),
            "assertion exp",
            "warn",
            "does not say when it expires",
        ),
        (
            good(&|claims| claims["nbf"] = json!(now() + 600)),
            "assertion exp",
            "fail",
            "it is valid from ",
        ),
        (good(&|_| ()), "assertion aud", "ok", url),
        (
            good(&|claims| claims["aud"] = json!(["x", origin])),
            "assertion aud",
            "ok",
            origin,
        ),
        (
            good(&|claims| claims["aud"] = json!(format!("{origin}/"))),
            "assertion aud",
            "ok",
            origin,
        ),
        (
            good(&|claims| claims["aud"] = json!("https://other.example")),
            "assertion aud",
            "warn",
            "it is for https://other.example, and the token endpoint is",
        ),
        (
            good(&|claims| claims["aud"] = json!("http:")),
            "assertion aud",
            "warn",
            "the one that the server expects",
        ),
        (
            good(&|claims| claims["aud"] = Value::Null),
            "assertion aud",
            "warn",
            "it names no audience",
        ),
        (
            good(&|_| ()),
            "assertion iss",
            "ok",
            "https://cluster.example, with the subject pod",
        ),
        (
            good(&|claims| {
                claims["iss"] = json!("my-client");
                claims["sub"] = json!("my-client");
            }),
            "assertion iss",
            "ok",
            "the client id",
        ),
        (
            good(&|claims| claims["iss"] = Value::Null),
            "assertion iss",
            "warn",
            "add iss and sub",
        ),
    ];
    for (claims, check, expected, says) in cases {
        private(&home, "assertion", jwt(&claims));
        let ended = examine(&home, url, &ASSERTION);
        let (outcome, lines) = finding(&ended, check);
        assert!(
            outcome == expected && lines.contains(says),
            "{claims}: {lines}"
        );
        assert_eq!(
            ended.status,
            if expected == "fail" { 3 } else { 0 },
            "{ended:#?}"
        );
    }
    private(&home, "assertion", "pl4nted text");
    let ended = examine(&home, url, &ASSERTION);
    assert_eq!(finding(&ended, "client assertion").0, "warn", "{ended:#?}");
    let ended = examine(&home, url, &["--client-assertion-env", "UNSET"]);
    let (outcome, lines) = finding(&ended, "client assertion");
    assert!(outcome == "fail" && lines.contains("UNSET"), "{lines}");
}

#[test]
fn credential_of_a_grant_has_a_line() {
    let (home, authority) = (Home::new(), Authority::start());
    private(&home, "subject", jwt(&json!({ "exp": 1_000_000_000 })));
    let exchange = [
        "--client-auth",
        "none",
        "--grant",
        "token-exchange",
        "--subject-token-file",
        "subject",
    ];
    let ended = examine(&home, authority.url(), &exchange);
    assert_eq!(finding(&ended, "client authentication").0, "ok");
    assert_eq!(finding(&ended, "subject token").0, "fail");
    private(&home, "subject", "pl4nted-opaque");
    let ended = examine(&home, authority.url(), &exchange);
    assert_eq!(finding(&ended, "subject token").0, "skip");
    assert_eq!(finding(&ended, "credentials and audience").0, "ok");
    private(&home, "subject", jwt(&json!({ "exp": now() + 600 })));
    let bearer = [
        "--client-auth",
        "none",
        "--grant",
        "jwt-bearer",
        "--grant-assertion-file",
        "subject",
    ];
    let ended = examine(&home, authority.url(), &bearer);
    assert_eq!(finding(&ended, "grant assertion").0, "ok");
}

#[test]
fn certificate_and_its_key_are_examined_apart() {
    let (home, authority, key) = (Home::new(), Authority::start(), Key::new());
    key.write(&home, "key.pem");
    Key::new().write(&home, "other.pem");
    let certify = |name: &str, from: i32, until: i32| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        home.write(name, params.self_signed(&key.0).unwrap().pem());
    };
    certify("good.pem", 2020, 4000);
    certify("old.pem", 2010, 2020);
    certify("early.pem", 3000, 4000);
    for (certificate, key, dates, says, matches) in [
        (
            "good.pem",
            "key.pem",
            "ok",
            "valid until 4000-01-01T00:00:00Z",
            "ok",
        ),
        (
            "old.pem",
            "key.pem",
            "fail",
            "it expired 2020-01-01T00:00:00Z",
            "ok",
        ),
        (
            "early.pem",
            "key.pem",
            "fail",
            "it is valid from 3000-01-01T00:00:00Z",
            "ok",
        ),
        ("good.pem", "other.pem", "ok", "valid until", "fail"),
        ("old.pem", "other.pem", "fail", "it expired", "fail"),
    ] {
        let files = ["--client-cert", certificate, "--client-key", key];
        let ended = examine(&home, authority.url(), &files);
        let (outcome, lines) = finding(&ended, "client certificate");
        assert!(outcome == dates && lines.contains(says), "{lines}");
        assert_eq!(lines.contains("try: "), dates != "ok", "{lines}");
        let (outcome, lines) = finding(&ended, "key of the certificate");
        assert_eq!(outcome, matches, "{lines}");
        assert_eq!(lines.contains("try: "), matches != "ok", "{lines}");
    }
    let ended = examine(&home, authority.url(), &["--client-cert", "key.pem"]);
    let (outcome, lines) = finding(&ended, "client certificate");
    assert!(
        outcome == "fail" && lines.contains("found a private key instead of a certificate"),
        "{lines}"
    );
}

#[test]
fn rejected_assertion_gets_advice_that_is_not_about_a_secret() {
    let (home, authority, key) = (Home::new(), Authority::start(), Key::new());
    key.write(&home, "key.pem");
    let arguments = ["--key-file", "key.pem"];
    authority.respond(401, r#"{"error":"invalid_client"}"#);
    let ended = examine(&home, authority.url(), &arguments);
    let (outcome, lines) = finding(&ended, "credentials and audience");
    assert!(
        outcome == "fail" && lines.contains("assertion") && !lines.contains("secret"),
        "{lines}"
    );
    authority.respond(401, r#"{"error":"invalid_client"}"#);
    let ended = examine(&home, authority.url(), &["--client-auth", "none"]);
    let (_, lines) = finding(&ended, "credentials and audience");
    assert!(
        lines.contains("requires this client to authenticate"),
        "{lines}"
    );
}

// fault: pipe-read-twice
#[cfg(unix)]
#[test]
fn credential_of_a_pipe_is_read_once() {
    let (home, authority, key) = (Home::new(), Authority::start(), Key::new());
    key.write(&home, "key.pem");
    private(
        &home,
        "assertion",
        jwt(&json!({ "aud": authority.url(), "exp": now() + 600 })),
    );
    let run = |option: &str, file: &str, rest: &str| {
        let command = format!(
            "{} doctor --no-cache --client-id my-client --endpoint {} {option} <(cat {file}) {rest}",
            common::PROGRAM,
            authority.url()
        );
        home.run_other("bash").args(["-c", &command]).finish()
    };
    let ended = run("--key-file", "key.pem", "");
    assert_eq!(finding(&ended, "key file").0, "ok", "{ended:#?}");
    ended.ok();
    let ended = run("--client-assertion-file", "assertion", "");
    assert_eq!(finding(&ended, "assertion exp").0, "ok", "{ended:#?}");
    ended.ok();
    let ended = run("--key-file", "key.pem", "--alg RS256");
    let (outcome, lines) = finding(&ended, "key file");
    assert!(
        outcome == "fail" && lines.contains("RS256 needs an RSA key"),
        "{lines}"
    );
}
