//! `edge-oauth doctor`: each check, passed and failed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use common::{Ended, Home, Run};
use edge_oauth_conformance::ClosedPort;
use edge_oauth_local::{Fault, LocalEdge, Options};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

fn edge() -> LocalEdge {
    LocalEdge::start().unwrap()
}

/// Returns the outcome of each check, in order, such as `ok configuration`.
fn outcomes(out: &str) -> Vec<String> {
    let lines = out.lines().filter(|line| !line.starts_with(' '));
    lines
        .map(|line| {
            let (outcome, rest) = line.split_once(' ').unwrap();
            let check = rest.trim_start().split("  ").next().unwrap();
            format!("{outcome} {check}")
        })
        .collect()
}

/// Returns the lines of one check, its advice included.
#[track_caller]
fn about<'a>(ended: &'a Ended, check: &str) -> &'a str {
    let start = ended
        .out
        .find(check)
        .unwrap_or_else(|| panic!("no {check}: {ended:#?}"));
    let rest = &ended.out[start..];
    let end = rest
        .match_indices('\n')
        .find(|(at, _)| !rest[at + 1..].starts_with(' '));
    end.map_or(rest, |(at, _)| &rest[..at])
}

fn examine(run: Run) -> Ended {
    let ended = run.finish();
    for text in [&ended.out, &ended.err] {
        assert!(
            !text.contains("local-secret") && !text.contains("wr0ng"),
            "{ended:#?}"
        );
        assert!(!text.contains("eyJ"), "{ended:#?}");
    }
    ended
}

#[test]
fn all_checks_pass_with_a_valid_configuration() {
    let (home, edge) = (Home::new(), edge());
    let out = examine(home.run(["doctor"]).edge(&edge)).quiet();
    assert_eq!(
        outcomes(&out),
        [
            "ok configuration",
            "ok client secret",
            "skip name resolution",
            "ok connection",
            "skip TLS",
            "ok clock",
            "ok credentials and audience",
            "ok lifetime of a token",
            "ok cache",
        ]
    );
    assert!(
        out.contains("SITECORE_AUTH_URL") && out.contains("SITECORE_CLIENT_SECRET"),
        "{out}"
    );
    assert!(out.contains("scope edge.content:clearall"), "{out}");
    assert_eq!(edge.served().token_requests, 1);

    // The token is neither stored in the cache nor read from it.
    examine(home.run(["doctor"]).edge(&edge)).quiet();
    assert_eq!(edge.served().token_requests, 2);
    home.run(["token"]).edge(&edge).finish().quiet();
    assert_eq!(edge.served().token_requests, 3);
}

#[test]
fn json_has_the_same_findings() {
    let (home, edge) = (Home::new(), edge());
    let run = home.run(["doctor", "-o", "json", "--no-cache"]).edge(&edge);
    let json: Value = serde_json::from_str(&examine(run).quiet()).unwrap();
    let checks = json["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 9);
    assert_eq!(checks[0]["outcome"], "ok");
    assert_eq!(checks[8]["says"], "--no-cache");
}

#[test]
fn missing_configuration_skips_all_checks() {
    let ended = examine(Home::new().run(["doctor"]));
    assert_eq!(ended.status, 3, "{ended:#?}");
    let outcomes = outcomes(&ended.out);
    assert_eq!(outcomes[0], "fail configuration");
    assert!(
        outcomes[1..]
            .iter()
            .all(|outcome| outcome.starts_with("skip ")),
        "{outcomes:?}"
    );
    assert!(about(&ended, "configuration").contains("try: "));
    assert!(
        ended
            .err
            .contains("1 of 9 checks failed, the first: configuration")
    );
}

#[test]
fn missing_secret_differs_from_a_wrong_configuration() {
    let (home, edge) = (Home::new(), edge());
    let run = || home.run(["doctor"]).edge_without_secret(&edge);
    let ended = examine(run());
    assert_eq!(ended.status, 3, "{ended:#?}");
    assert_eq!(
        outcomes(&ended.out),
        [
            "ok configuration",
            "fail client secret",
            "skip name resolution",
            "ok connection",
            "skip TLS",
            "ok clock",
            "skip credentials and audience",
            "skip lifetime of a token",
            "skip cache",
        ]
    );
    let says = about(&ended, "client secret");
    assert!(
        says.contains("no client secret") && says.contains("try: set"),
        "{says}"
    );
    assert_eq!(edge.served().token_requests, 0);

    let ended = examine(run().env("SITECORE_AUTH_URL", "ftp://host/"));
    assert_eq!(ended.status, 2, "{ended:#?}");
    assert_eq!(
        outcomes(&ended.out)[..2],
        ["fail configuration", "skip client secret"]
    );

    // Wrong characters in the secret fail its own check.
    let ended = examine(run().env("SITECORE_CLIENT_SECRET", "wr0ng\n"));
    assert_eq!(ended.status, 3, "{ended:#?}");
    assert_eq!(
        outcomes(&ended.out)[..2],
        ["ok configuration", "fail client secret"]
    );
}

#[test]
fn error_responses_are_explained() {
    let (home, edge) = (Home::new(), edge());
    let wrong = home
        .run(["doctor"])
        .edge(&edge)
        .env("SITECORE_CLIENT_SECRET", "wr0ng");
    let ended = examine(wrong);
    assert_eq!(ended.status, 4, "{ended:#?}");
    let says = about(&ended, "credentials and audience");
    assert!(
        says.contains("access_denied") && says.contains("try: the client id or"),
        "{says}"
    );
    assert_eq!(
        outcomes(&ended.out)[7..],
        ["skip lifetime of a token", "ok cache"]
    );

    let unknown = ["doctor", "--audience", "https://api.invalid"];
    let ended = examine(home.run(unknown).edge(&edge));
    assert_eq!(ended.status, 4, "{ended:#?}");
    let says = about(&ended, "credentials and audience");
    assert!(
        says.contains("new tenants use") && says.contains("https://api.sitecorecloud.io"),
        "{says}"
    );
}

#[test]
fn one_request_is_made_however_transient_the_fault() {
    let (home, edge) = (Home::new(), edge());
    edge.script([Fault::status(503)]).unwrap();
    let ended = examine(home.run(["doctor"]).edge(&edge));
    assert_eq!(ended.status, 4, "{ended:#?}");
    assert!(about(&ended, "credentials and audience").contains("status 503"));
    assert_eq!(edge.served().token_requests, 1);
}

#[test]
fn closed_port_is_a_network_error() {
    let closed = ClosedPort::take();
    let (home, edge) = (Home::new(), edge());
    let url = format!("http://{}/oauth/token", closed.address());
    let ended = examine(
        home.run(["doctor"])
            .edge(&edge)
            .env("SITECORE_AUTH_URL", url),
    );
    assert_eq!(ended.status, 5, "{ended:#?}");
    assert!(about(&ended, "connection").contains("no connection"));
    let outcomes = outcomes(&ended.out);
    assert_eq!(outcomes[3], "fail connection");
    assert!(
        outcomes[4..8]
            .iter()
            .all(|outcome| outcome.starts_with("skip ")),
        "{outcomes:?}"
    );
    assert_eq!(outcomes[8], "ok cache");
}

#[test]
fn a_name_is_resolved() {
    let (home, edge) = (Home::new(), edge());
    let url = edge.token_url().replace("127.0.0.1", "localhost");
    let ended = examine(
        home.run(["doctor"])
            .edge(&edge)
            .env("SITECORE_AUTH_URL", url),
    );
    let says = about(&ended, "name resolution");
    assert!(
        says.contains("localhost is ") && says.contains("127.0.0.1"),
        "{says}"
    );
    assert_eq!(ended.status, 0, "{ended:#?}");
}

#[test]
fn a_proxy_resolves_the_names_of_its_requests() {
    let closed = ClosedPort::take();
    let proxy = closed.address();
    let (home, edge) = (Home::new(), edge());
    let run = home
        .run(["doctor"])
        .edge(&edge)
        .env("SITECORE_AUTH_URL", "https://auth.invalid/oauth/token")
        .env("HTTPS_PROXY", format!("http://user:wr0ng@{proxy}"));
    let ended = examine(run);
    assert_eq!(ended.status, 5, "{ended:#?}");
    let says = about(&ended, "name resolution");
    assert!(
        says.contains(&format!("the proxy {proxy} looks up auth.invalid")),
        "{says}"
    );
    // On Windows the case of a variable's name does not count.
    assert!(says.to_uppercase().contains("HTTPS_PROXY"), "{says}");
    let says = about(&ended, "connection");
    assert!(
        says.contains(&format!("through the proxy {proxy}")),
        "{says}"
    );
    assert!(outcomes(&ended.out).contains(&"fail connection".to_owned()));
}

// fault: proxy-value-that-cannot-be-honoured
#[test]
fn proxy_that_cannot_be_used_is_told_by_its_variable() {
    let (home, edge) = (Home::new(), edge());
    let run = home
        .run(["doctor"])
        .edge(&edge)
        .env("SITECORE_AUTH_URL", "https://auth.invalid/oauth/token")
        .env("HTTPS_PROXY", "socks5://user:wr0ng@127.0.0.1:1");
    let ended = examine(run);
    assert_eq!(ended.status, 5, "{ended:#?}");
    let says = about(&ended, "name resolution");
    let says = says.to_uppercase();
    assert!(says.contains("HTTPS_PROXY NAMES A SOCKS PROXY"), "{says}");
    assert!(!format!("{ended:?}").contains("wr0ng"), "{ended:#?}");
}

// fault: proxy-variables-read-differently
#[test]
fn doctor_reads_the_list_of_hosts_without_a_proxy_as_a_run_does() {
    let (home, edge) = (Home::new(), edge());
    let run = home
        .run(["doctor"])
        .edge(&edge)
        .env(
            "SITECORE_AUTH_URL",
            format!("https://{}.invalid/oauth/token", "a".repeat(64)),
        )
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .env("NO_PROXY", "example.com, .invalid ");
    let ended = examine(run);
    let says = about(&ended, "name resolution");
    assert!(says.contains("has no address"), "{says}");
}

#[test]
fn clock_skew_is_reported() {
    for (ahead, outcome, status) in [(30, "ok", 0), (120, "warn", 0), (600, "fail", 1)] {
        let (home, edge) = (Home::new(), edge());
        edge.advance(Duration::from_secs(ahead));
        let ended = examine(home.run(["doctor"]).edge(&edge));
        assert_eq!(ended.status, status, "{ended:#?}");
        assert_eq!(
            outcomes(&ended.out)[5],
            format!("{outcome} clock"),
            "{ended:#?}"
        );
        assert!(
            about(&ended, "clock  ").contains("behind the server's"),
            "{ended:#?}"
        );
        assert_eq!(
            about(&ended, "clock  ").contains("try: set this"),
            ahead > 60
        );
        // The other checks go on.
        assert_eq!(outcomes(&ended.out)[6], "ok credentials and audience");
    }
}

#[test]
fn short_lifetime_is_a_warning() {
    let home = Home::new();
    let edge = LocalEdge::start_with(Options::default().lifetime(Duration::from_secs(60))).unwrap();
    let ended = examine(home.run(["doctor"]).edge(&edge));
    assert_eq!(ended.status, 0, "{ended:#?}");
    assert_eq!(outcomes(&ended.out)[7], "warn lifetime of a token");

    edge.script([Fault::none().body(r#"{"access_token":"abcdefgh"}"#)])
        .unwrap();
    let ended = examine(home.run(["doctor"]).edge(&edge));
    assert!(
        about(&ended, "lifetime of a token").contains("does not say the lifetime"),
        "{ended:#?}"
    );
    assert!(!ended.out.contains("abcdefgh"));
}

#[test]
fn file_in_place_of_the_cache_folder_is_a_warning() {
    let (home, edge) = (Home::new(), edge());
    home.write("cache/edge-oauth", "no folder");
    let ended = examine(home.run(["doctor"]).edge(&edge));
    assert_eq!(ended.status, 0, "{ended:#?}");
    assert_eq!(outcomes(&ended.out)[8], "warn cache");
    assert!(about(&ended, "cache  ").contains("try: "), "{ended:#?}");
}

#[test]
fn cache_without_read_or_write_access_is_a_warning() {
    let (home, edge) = (Home::new(), edge());
    home.run(["token"]).edge(&edge).finish().quiet();
    let kept = home.cached("token");
    fs::write(&kept, "no token").unwrap();
    let ended = examine(home.run(["doctor"]).edge(&edge));
    assert_eq!(outcomes(&ended.out)[8], "warn cache");
    assert!(
        about(&ended, "cache  ").contains("is not a kept token"),
        "{ended:#?}"
    );

    fs::remove_file(&kept).unwrap();
    let beside = kept.with_extension("token.new");
    fs::create_dir(&beside).unwrap();
    let ended = examine(home.run(["doctor"]).edge(&edge));
    assert_eq!(outcomes(&ended.out)[8], "warn cache", "{ended:#?}");

    fs::remove_dir(&beside).unwrap();
    let lock = File::open(home.cached("lock")).unwrap();
    lock.lock().unwrap();
    let ended = examine(home.run(["doctor"]).edge(&edge));
    assert_eq!(outcomes(&ended.out)[8], "ok cache", "{ended:#?}");
    assert!(about(&ended, "cache  ").contains("in use"), "{ended:#?}");
    drop(lock);
    examine(home.run(["doctor"]).edge(&edge)).quiet();
    assert!(!beside.exists());
}

#[test]
fn certificates_are_explained() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let home = Home::new();
    home.write("ours.pem", ours.0.pem());
    let examine_at = |url: String| {
        let run = home.run(["doctor", "--cacert", "ours.pem"]);
        let run = run
            .env("SITECORE_CLIENT_ID", "me")
            .env("SITECORE_CLIENT_SECRET", "wr0ng");
        examine(run.env("SITECORE_AUTH_URL", url))
    };

    let ended = examine_at(theirs.serve());
    assert_eq!(ended.status, 5, "{ended:#?}");
    assert_eq!(outcomes(&ended.out)[3..5], ["ok connection", "fail TLS"]);
    let says = about(&ended, "TLS  ");
    assert!(
        says.contains("certificate was not accepted") && says.contains("--cacert"),
        "{says}"
    );

    let ended = examine_at(ours.serve());
    assert_eq!(
        outcomes(&ended.out)[3..6],
        ["ok connection", "ok TLS", "skip clock"]
    );
    assert!(about(&ended, "clock  ").contains("responses have no date"));

    // A server without TLS at an https URL.
    let edge = edge();
    let ended = examine_at(edge.token_url().replace("http:", "https:"));
    assert_eq!(ended.status, 5, "{ended:#?}");
    assert_eq!(edge.served().token_requests, 0);
}

/// A certificate authority and servers with its certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Responds to each request with 404 and without a date, until the test ends. Returns the URL.
    fn serve(&self) -> String {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config =
            ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], key)
                .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}/oauth/token", listener.local_addr().unwrap());
        let config = Arc::new(config);
        thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), Arc::clone(&config));
            }
        });
        url
    }
}

/// A client that rejects the certificate disconnects.
fn answer(stream: TcpStream, config: Arc<ServerConfig>) {
    let mut tls = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    if tls.read(&mut [0; 4096]).is_ok() {
        let answer = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        let _ = tls.write_all(answer.as_bytes());
        tls.conn.send_close_notify();
        let _ = tls.flush();
    }
}
