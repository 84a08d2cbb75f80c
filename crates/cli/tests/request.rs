//! `edge-oauth request`: the token request, without secrets unless they are requested.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;

use common::Home;
#[cfg(unix)]
use common::authority::Authority;
use common::keys::{Key, jwt, private};
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
fn raw_http_is_the_request_as_sent() {
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
fn raw_http_with_the_secret_gets_a_token() {
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

/// Runs the printed command in a shell, as a user would.
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
        // A form accepts every secret as it is. The other two formats print how to encode it.
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

/// The shell's value of the variable is not in the arguments of curl.
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

/// Each method without a secret in the request, and the grants with their own credential.
const SECRETLESS: [&[&str]; 8] = [
    &["--key-file", "key.pem"],
    &["--key-file", "key.pem", "--body", "json"],
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
        "token-exchange",
        "--subject-token-env",
        "ID_TOKEN",
    ],
    &[
        "--client-secret-file",
        "secret",
        "--client-auth",
        "basic",
        "--grant",
        "jwt-bearer",
        "--grant-assertion-file",
        "assertion",
    ],
    &[
        "--client-auth",
        "none",
        "--grant",
        "urn:example:grant",
        "--param-file",
        "pin=assertion",
    ],
];

/// Returns a home with the files of these requests, and the texts that must not be printed.
fn secretless_home() -> (Home, Vec<String>) {
    let (home, key) = (Home::new(), Key::new());
    key.write(&home, "key.pem");
    let assertion = jwt(&serde_json::json!({ "sub": "pl4nted", "exp": 4_000_000_000_u64 }));
    private(&home, "assertion", &assertion);
    private(&home, "secret", "s3cret-of-request");
    let mut secrets = key.secrets();
    secrets.extend([assertion, "s3cret-of-request".to_owned()]);
    (home, secrets)
}

#[test]
fn assertion_is_redacted_and_no_credential_is_read() {
    let (home, secrets) = secretless_home();
    std::fs::remove_file(home.path.join("key.pem")).unwrap();
    for kind in SECRETLESS {
        for format in ["http", "curl"] {
            let words = [
                "request",
                "--client-id",
                "a",
                "--endpoint",
                "https://login.example/token",
            ];
            let arguments = [&words[..], &["-o", format], kind].concat();
            let run = home
                .run(arguments)
                .env("ID_TOKEN", &secrets[secrets.len() - 2]);
            let out = run.finish().quiet();
            let mark = if format == "http" {
                "[redacted]"
            } else {
                "# Set "
            };
            assert!(
                out.contains(mark) && !out.contains("Placeholder"),
                "{kind:?}: {out}"
            );
            for secret in &secrets {
                assert!(!out.contains(secret), "{out}");
            }
        }
    }
}

// fault: credential-in-an-argument-of-curl
#[cfg(unix)]
#[test]
fn printed_request_is_sent_by_curl_with_no_credential_in_an_argument() {
    let (home, secrets) = secretless_home();
    let authority = Authority::start();
    let assertion = &secrets[secrets.len() - 2];
    let fake = "#!/bin/sh\nprintf '%s\\n' \"$@\" >> arguments\nPATH=$REAL_PATH exec curl \"$@\"\n";
    let fake = private(&home, "bin/curl", fake);
    std::fs::set_permissions(&fake, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    for kind in SECRETLESS {
        for show in [&[][..], &["--show-secret"]] {
            let words = [
                "request",
                "-o",
                "curl",
                "--client-id",
                "a",
                "--endpoint",
                authority.url(),
            ];
            let run = home
                .run([&words[..], show, kind].concat())
                .env("ID_TOKEN", assertion);
            let command = run.finish().quiet();
            let before = authority.requests().len();
            let run = home.run_other("sh").args(["-c", &command]);
            let run = [
                "CLIENT_ASSERTION",
                "ASSERTION",
                "SUBJECT_TOKEN",
                "ID_TOKEN",
                "PIN",
            ]
            .iter()
            .fold(run, |run, name| run.env(name, assertion));
            let run = run.env("SITECORE_CLIENT_SECRET", "s3cret-of-request");
            let run = run.env("REAL_PATH", &path);
            let run = run.env(
                "PATH",
                format!("{}:{path}", home.path.join("bin").display()),
            );
            let answer = run.finish().ok();
            assert!(answer.contains("access_token"), "{command}\n{answer}");
            assert_eq!(authority.requests().len(), before + 1);
            let sent = authority.last();
            let by_key = kind.contains(&"key.pem") && !show.is_empty();
            let carries = sent.body.contains(assertion.as_str()) || by_key;
            assert!(carries, "{kind:?} {command}\n{sent:?}");
            let by_secret = kind.contains(&"secret") && !kind.contains(&"basic");
            assert_eq!(
                sent.body.contains("client_secret=s3cret-of-request"),
                by_secret,
                "{sent:?}"
            );
            assert_eq!(
                sent.head.contains("asic "),
                kind.contains(&"basic"),
                "{sent:?}"
            );
        }
    }
    let arguments = std::fs::read_to_string(home.path.join("arguments")).unwrap();
    for secret in &secrets {
        assert!(!arguments.contains(secret), "{arguments}");
    }
}

#[test]
fn certificate_is_in_the_command_by_its_files() {
    let home = Home::new();
    let words = [
        "request",
        "-o",
        "curl",
        "--client-id",
        "a",
        "--endpoint",
        "https://login.example/token",
    ];
    let files = ["--client-cert", "it's.pem", "--client-key", "key.pem"];
    let out = home.run([&words[..], &files].concat()).finish().quiet();
    assert!(
        out.contains("--cert 'it'\\''s.pem'") && out.contains("--key 'key.pem'"),
        "{out}"
    );
}
