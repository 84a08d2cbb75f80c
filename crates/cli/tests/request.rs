//! `edge-oauth request`: what would be sent, and nothing secret in it unless that is asked for.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;

use common::Home;
use edge_oauth_local::{Client, LocalEdge, Options};

const SECRET: &str = "pa$5+w`o r\"d\\%'&=";

fn edge() -> LocalEdge {
    LocalEdge::start_with(Options::default().client(Client::new("id $1", SECRET))).unwrap()
}

const KINDS: [&[&str]; 5] = [
    &[],
    &["--body", "json"],
    &["--client-auth", "basic"],
    &["--client-auth", "basic-plus", "--body", "json"],
    &[
        "--scope",
        "edge.tokens:create",
        "--param",
        "note=it's $HOME",
        "--resource",
        "https://api.example",
    ],
];

#[test]
fn without_a_secret_there_is_a_placeholder_in_each_form() {
    let home = Home::new();
    for kind in KINDS {
        for format in ["http", "curl"] {
            let arguments = [&["request", "--client-id", "my-client", "-o", format], kind].concat();
            let out = home.run(arguments).finish().quiet();
            let mark = if format == "http" {
                "[redacted]"
            } else {
                "SITECORE_CLIENT_SECRET"
            };
            assert!(out.contains(mark) && !out.contains("Placeholder"), "{out}");
        }
    }
}

#[test]
fn the_secret_is_not_read_unless_it_is_shown() {
    let (home, edge) = (Home::new(), edge());
    for kind in KINDS {
        for format in ["http", "curl"] {
            let arguments = [
                &["request", "-o", format, "--client-secret-file", "missing"],
                kind,
            ]
            .concat();
            let out = home.run(arguments).edge(&edge).finish().quiet();
            assert!(
                !out.contains("pa$5")
                    && !out.contains("pa%245")
                    && !out.contains("Content-Length: 1"),
                "{out}"
            );
        }
    }
    home.run([
        "request",
        "--show-secret",
        "--client-secret-file",
        "missing",
    ])
    .edge(&edge)
    .finish()
    .fails(3);
}

#[test]
fn raw_http_is_what_goes_over_the_wire() {
    let home = Home::new();
    let out = home
        .run(["request", "--client-id", "my-client"])
        .finish()
        .quiet();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        out,
        format!(
            "POST /oauth/token HTTP/1.1\r\nHost: auth.sitecorecloud.io\r\nUser-Agent: edge-oauth/{version}\r\n\
             Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: [redacted]\r\n\r\n\
             audience=https%3A%2F%2Fapi.sitecorecloud.io&grant_type=client_credentials&client_id=my-client\
             &client_secret=[redacted]"
        )
    );
}

#[test]
fn raw_http_with_the_secret_is_answered_with_a_token() {
    let (home, edge) = (Home::new(), edge());
    for kind in KINDS {
        let out = home
            .run([&["request", "--show-secret"], kind].concat())
            .edge(&edge)
            .finish()
            .quiet();
        let out = out.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        let mut stream = TcpStream::connect(edge.address()).unwrap();
        stream.write_all(out.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{out}\n{answer}");
    }
}

/// As a user would: the printed command, in a shell.
#[test]
fn curl_with_the_secret_gets_a_token() {
    let (home, edge) = (Home::new(), edge());
    for kind in KINDS {
        let arguments = [&["request", "-o", "curl", "--show-secret"], kind].concat();
        let command = home.run(arguments).edge(&edge).finish().quiet();
        let answer = home.run_other("sh").args(["-c", &command]).finish().ok();
        assert!(answer.contains("access_token"), "{command}\n{answer}");
    }
}

#[test]
fn curl_with_the_variable_gets_a_token() {
    let (home, edge) = (Home::new(), edge());
    let plain = LocalEdge::start().unwrap();
    for (i, kind) in KINDS.iter().enumerate() {
        // Only a form takes any secret as it is; the other two say what has to be done with it.
        let edge = if i == 0 || i == 4 { &edge } else { &plain };
        let command = home
            .run([&["request", "-o", "curl"], *kind].concat())
            .edge(edge)
            .finish()
            .quiet();
        let answer = home
            .run_other("sh")
            .args(["-c", &command])
            .edge(edge)
            .finish()
            .ok();
        assert!(answer.contains("access_token"), "{command}\n{answer}");
    }
}

/// What the shell puts in for the variable is not in the arguments that it gives to curl.
#[cfg(unix)]
#[test]
fn curl_has_the_secret_in_no_argument() {
    use std::os::unix::fs::PermissionsExt;

    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let fake = home.write("bin/curl", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        home.path.join("bin").display(),
        std::env::var("PATH").unwrap()
    );
    for kind in KINDS {
        for show in [&[][..], &["--show-secret"]] {
            let arguments = [&["request", "-o", "curl"], kind, show].concat();
            let command = home.run(arguments).edge(&edge).finish().quiet();
            let run = home
                .run_other("sh")
                .args(["-c", &command])
                .edge(&edge)
                .env("PATH", &path);
            let out = run.finish().ok();
            assert!(
                out.contains("/oauth/token") && !out.contains(edge.client_secret()),
                "{out}"
            );
        }
    }
}

// fault: parameter-printed
#[test]
fn parameter_that_may_be_a_secret_is_redacted() {
    let home = Home::new();
    let words = ["request", "--client-id", "a", "--param", "api_key=pl4nted"];
    let rest = [
        "--param",
        "X-Password=pl4nted",
        "--param",
        "organization_id=org_1",
    ];
    for output in ["http", "curl"] {
        let arguments = [&words[..], &rest, &["-o", output]].concat();
        let out = home.run(&arguments).finish().quiet();
        assert!(
            !out.contains("pl4nted") && out.contains("api_key=REDACTED"),
            "{out}"
        );
        assert!(out.contains("organization_id=org_1"), "{out}");
        let run = home.run([&arguments[..], &["--show-secret"]].concat());
        let out = run.env("SITECORE_CLIENT_SECRET", "s").finish().quiet();
        assert!(out.contains("api_key=pl4nted"), "{out}");
    }
}

// fault: non-ascii-credentials-refused
#[test]
fn credentials_of_another_server_may_have_any_characters() {
    let home = Home::new();
    let words = ["request", "--client-id", "\u{e9}", "--show-secret"];
    let endpoint = ["--endpoint", "https://login.example/token"];
    let run = home.run([&words[..], &endpoint].concat());
    let out = run.env("SITECORE_CLIENT_SECRET", "\u{fc}").finish().quiet();
    assert!(
        out.contains("client_id=%C3%A9&client_secret=%C3%BC"),
        "{out}"
    );
    let run = home.run(words).env("SITECORE_CLIENT_SECRET", "s");
    run.finish().fails(3);
}
