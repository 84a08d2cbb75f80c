//! `edge-oauth serve`: its output, and its responses to clients.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use common::keys::Key;
use common::{Home, PROGRAM, Run};
use serde_json::Value;

/// The running program. It ends when it is dropped.
struct Server {
    child: Child,
    /// The first lines of standard output.
    lines: Vec<String>,
}

impl Server {
    /// Starts the program, and waits for these lines, which it prints at once when it listens.
    fn start(arguments: &[&str], lines: usize) -> Self {
        let mut child = Command::new(PROGRAM)
            .env_clear()
            .arg("serve")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let lines = out.lines().take(lines).map(Result::unwrap).collect();
        Self { child, lines }
    }

    /// Returns a run with the printed variables, as a shell sets them.
    fn client(&self, mut run: Run) -> Run {
        for line in &self.lines {
            let (name, value) = line
                .strip_prefix("export ")
                .unwrap()
                .split_once('=')
                .unwrap();
            run = run.env(name, value.trim_matches('\''));
        }
        run
    }

    /// Returns the first lines of standard error, which follow those of standard output.
    fn says(&mut self, lines: usize) -> String {
        let err = BufReader::new(self.child.stderr.take().unwrap());
        err.lines().take(lines).map(Result::unwrap).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn printed_variables_are_enough_for_a_client() {
    let (home, mut server) = (Home::new(), Server::start(&["--lifetime", "10m"], 5));
    let names = server
        .lines
        .iter()
        .map(|line| line.split_once('=').unwrap().0);
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "export SITECORE_AUTH_URL",
            "export SITECORE_EDGE_URL",
            "export SITECORE_AUDIENCE",
            "export SITECORE_CLIENT_ID",
            "export SITECORE_CLIENT_SECRET",
        ]
    );
    let json = server
        .client(home.run(["token", "-o", "json"]))
        .finish()
        .quiet();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert!((500..=600).contains(&json["expires_in"].as_u64().unwrap()));

    let said = server.says(2);
    assert!(
        said.starts_with("A local Experience Edge listens on http://127.0.0.1:"),
        "{said}"
    );
    assert!(
        said.contains("/.well-known/jwks.json") && said.contains("published key"),
        "{said}"
    );
}

#[test]
fn es256_signs_tokens_if_it_is_asked_for() {
    let (home, server) = (Home::new(), Server::start(&["--alg", "ES256"], 5));
    let token = server
        .client(home.run(["token", "--no-cache"]))
        .finish()
        .quiet();
    let read = home.run(["inspect"]).input(token).finish().quiet();
    assert!(read.contains("alg  ES256"), "{read}");
}

#[test]
fn page_of_a_given_origin_may_call_it() {
    let page = "http://localhost:5173";
    let server = Server::start(&["--cors-origin", page], 5);
    let (_, url) = server.lines[0].split_once("http://").unwrap();
    let (address, _) = url.split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let preflight = format!(
        "OPTIONS /oauth/token HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nOrigin: {page}\r\n\
         Access-Control-Request-Method: POST\r\n\r\n"
    );
    stream.write_all(preflight.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 204"), "{response}");
    let permitted = format!("access-control-allow-origin: {page}\r\n");
    assert!(response.contains(&permitted), "{response}");
}

#[test]
fn other_formats_have_the_same_variables() {
    let server = Server::start(&["--output", "powershell"], 5);
    assert!(server.lines[0].starts_with("$env:SITECORE_AUTH_URL = 'http://127.0.0.1:"));
    assert_eq!(server.lines[3], "$env:SITECORE_CLIENT_ID = 'local-client'");

    let server = Server::start(&["--output", "json"], 8);
    let json: Value = serde_json::from_str(&server.lines.concat()).unwrap();
    let base_url = json["base_url"].as_str().unwrap();
    assert_eq!(json["SITECORE_AUTH_URL"], format!("{base_url}/oauth/token"));
    assert_eq!(json["SITECORE_EDGE_URL"], base_url);
    assert_eq!(json["SITECORE_CLIENT_SECRET"], "local-secret");
}

#[test]
fn faults_come_in_their_order() {
    let home = Home::new();
    let mut server = Server::start(
        &[
            "--fault",
            "2*401",
            "--fault",
            "redirect=https://elsewhere.invalid/",
            "--fault",
            "lost",
        ],
        5,
    );
    let ask = || server.client(home.run(["token", "--no-cache"])).finish();
    assert!(ask().fails(4).contains("status 401"));
    assert!(ask().fails(4).contains("status 401"));
    assert!(
        ask()
            .fails(4)
            .contains("redirect, status 307, to elsewhere.invalid")
    );
    // A second token request, since the response to the first one is lost.
    assert!(ask().quiet().starts_with("ey"));
    assert!(
        server
            .says(3)
            .contains("The first 4 token requests meet faults.")
    );
}

#[test]
fn rate_limit_and_quota_are_enforced() {
    let home = Home::new();
    for limit in [["--rate-limit", "1/1h"], ["--quota", "1/hour"]] {
        let server = Server::start(&limit, 5);
        let ask = || server.client(home.run(["token", "--no-cache"])).finish();
        ask().quiet();
        assert!(ask().fails(4).contains("status 429"));
    }
}

#[test]
fn port_in_use_is_named_in_the_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let err = Home::new()
        .run(["serve", "--port", &port])
        .finish()
        .fails(1);
    assert!(
        err.contains(&format!("no server on port {port} of 127.0.0.1")),
        "{err}"
    );
    assert!(err.contains("--port 0"), "{err}");
}

#[test]
fn invalid_option_is_refused_by_name() {
    for (option, value, says) in [
        ("--fault", "teapot", "`teapot` is neither a status"),
        (
            "--fault",
            "503:content-length=1",
            "`content-length` follows from the body",
        ),
        ("--rate-limit", "10", "N/TIME"),
        ("--rate-limit", "10/soon", "the time"),
        ("--quota", "10/week", "`hour` or `day`"),
        ("--lifetime", "soon", "--lifetime"),
        ("--port", "99999", "--port"),
    ] {
        let err = Home::new().run(["serve", option, value]).finish().fails(2);
        assert!(err.contains(says), "{says}\n{err}");
    }
}

#[test]
fn help_describes_the_faults() {
    let help = Home::new().run(["serve", "--help"]).finish().quiet();
    assert!(
        help.contains("429:retry-after=7") && help.contains("redirect=URL"),
        "{help}"
    );
}

#[test]
fn client_with_a_key_has_no_secret() {
    let (home, key) = (Home::new(), Key::new());
    let path = key.write(&home, "key.pem");
    let public = edge_oauth_keys::PrivateKey::from_pem(key.0.serialize_pem()).unwrap();
    let public = home.write("public.jwk", public.with_key_id("2026-11").public_jwk());
    for (file, ids) in [
        (&path, ["", "2026-11", "other"]),
        (&public, ["2026-11", "", ""]),
    ] {
        let server = Server::start(&["--client-key", file.to_str().unwrap()], 4);
        assert!(
            !server.lines.concat().contains("SECRET"),
            "{:?}",
            server.lines
        );
        for id in ids
            .iter()
            .enumerate()
            .filter(|(i, id)| *i == 0 || !id.is_empty())
        {
            let arguments = ["token", "--no-cache", "--key-file", "key.pem"];
            let arguments = match id.1.is_empty() {
                true => arguments.to_vec(),
                false => [&arguments[..], &["--key-id", id.1]].concat(),
            };
            let token = server.client(home.run(arguments)).finish().quiet();
            assert!(token.starts_with("ey"), "{token}");
        }
        let run = server.client(home.run(["token", "--no-cache"]));
        run.env("SITECORE_CLIENT_SECRET", "local-secret")
            .finish()
            .fails(4);
        Key::new().write(&home, "other.pem");
        let run = home.run([
            "token",
            "--no-cache",
            "--key-file",
            "other.pem",
            "--key-id",
            "2026-11",
        ]);
        let err = server.client(run).finish().fails(4);
        assert!(err.contains("signature does not fit"), "{err}");
        assert!(
            err.contains("--assertion-audience") && !err.contains("JwtAssertion"),
            "{err}"
        );
    }
    home.write("text", "no key");
    let err = home
        .run(["serve", "--client-key", "text"])
        .finish()
        .fails(3);
    assert!(err.contains("the key file text: "), "{err}");
    home.write("empty.jwk", "{}");
    let err = home
        .run(["serve", "--client-key", "empty.jwk"])
        .finish()
        .fails(2);
    assert!(err.contains("empty.jwk: not a usable public JWK"), "{err}");
}

/// Only root can make a namespace of processes everywhere.
// fault: serve-as-first-process
#[cfg(target_os = "linux")]
#[test]
fn first_process_of_a_container_ends_by_signals() {
    let unshare = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--pid", "--fork", program]);
        command
    };
    if !unshare("true")
        .status()
        .is_ok_and(|status| status.success())
    {
        return;
    }
    for (signal, status) in [("-INT", 130), ("-TERM", 143)] {
        let mut command = unshare(PROGRAM);
        let command = command.arg("serve").env_clear().stdin(Stdio::null());
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut parent = command.spawn().unwrap();
        let err = BufReader::new(parent.stderr.take().unwrap());
        assert_eq!(err.lines().take(2).count(), 2);
        let id = parent.id();
        let children = format!("/proc/{id}/task/{id}/children");
        let child = std::fs::read_to_string(children).unwrap();
        // The handlers are installed a moment after the last line. Before that, the signal is ignored.
        let ended = loop {
            let mut kill = Command::new("kill");
            // It complains if the child has ended.
            let kill = kill.args([signal, child.trim()]).stderr(Stdio::null());
            assert!(kill.status().is_ok());
            if let Some(ended) = parent.try_wait().unwrap() {
                break ended;
            }
        };
        assert_eq!(ended.code(), Some(status));
    }
}
