//! The output at the highest verbosity, the exit statuses, and the effects of a terminal.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::process::Stdio;

use common::{Ended, Home};
use edge_oauth_conformance::{ClosedPort, Planted};
use edge_oauth_local::{Client, Fault, LocalEdge, Options};

const SECRET: &str = "n0such1secret2anywhere _~/+";

fn edge() -> LocalEdge {
    LocalEdge::start_with(Options::default().client(Client::new("i", SECRET))).unwrap()
}

fn assert_silent(ended: &Ended, token: &str) {
    let planted = Planted::new().with("the client secret", SECRET);
    planted.with("the token", token).assert_not_in(&ended.err);
}

// fault: most-verbose-logs
#[test]
fn secrets_are_not_printed_at_the_highest_verbosity() {
    let (home, edge) = (Home::new(), edge());
    for kind in [
        &[][..],
        &["--client-auth", "basic"],
        &["--client-auth", "basic-plus"],
        &["--body", "json"],
    ] {
        let arguments = [&["token", "-vvv", "--force-refresh"], kind].concat();
        let run = || home.run(&arguments).edge(&edge).talkative();
        let ended = run().finish();
        let token = ended.out.trim_end().to_owned();
        assert!(ended.status == 0 && token.starts_with("ey"), "{ended:?}");
        assert!(
            ended.err.contains(" ureq::run: "),
            "the libraries are heard: {}",
            ended.err
        );
        assert_silent(&ended, &token);
        for fault in [
            Fault::status(401).body(format!(
                r#"{{"error":"access_denied","error_description":"{SECRET}"}}"#
            )),
            Fault::status(400).body(format!(r#"{{"error":"{SECRET}"}}"#)),
            Fault::redirect(307, "http://127.0.0.1:1/"),
            Fault::none().body(format!(
                r#"{{"access_token":"{SECRET}","token_type":"mac"}}"#
            )),
        ] {
            edge.script([fault]).unwrap();
            let ended = run().finish();
            assert_eq!((ended.status, ended.out.as_str()), (4, ""), "{ended:?}");
            assert_silent(&ended, &token);
        }
    }
}

// fault: most-verbose-logs
#[test]
fn secret_in_another_encoding_in_a_response_is_not_printed() {
    let secret = "n0such1secret2\"anywhere\\/else";
    let home = Home::new();
    let planted = Planted::new().with("the client secret", secret);
    let sent = serde_json::json!({ "client_secret": secret }).to_string();
    for (status, answer) in [
        (
            400,
            serde_json::json!({ "error": "x", "error_description": sent }),
        ),
        (400, serde_json::json!({ "error": secret })),
        (
            200,
            serde_json::json!({ "access_token": "t", "scope": format!("read {secret}") }),
        ),
        (
            200,
            serde_json::json!({ "access_token": "t", "scope": [sent] }),
        ),
    ] {
        for command in [
            &["token", "--no-cache", "-vvv", "-o", "json"][..],
            &["doctor", "--no-cache", "-vvv"],
            &["doctor", "--no-cache", "-o", "json"],
        ] {
            let fault = Fault::status(status).body(answer.to_string());
            let client = Client::new("i", secret);
            let edge = LocalEdge::start_with(Options::default().client(client)).unwrap();
            // The doctor first sends a request without credentials.
            edge.script(vec![fault; 3]).unwrap();
            let ended = home.run(command).edge(&edge).finish();
            let said = ended.out.clone() + &ended.err;
            assert!(said.contains("[withheld: "), "{command:?}: {ended:?}");
            planted.assert_not_in(&said);
        }
    }
}

// fault: exit-status
#[test]
fn every_class_of_error_has_its_exit_status() {
    let (home, edge) = (Home::new(), edge());
    let token = |arguments: &[&str]| home.run([&["token"], arguments].concat()).edge(&edge);
    token(&[]).finish().quiet();
    token(&["--min-ttl", "30d"]).finish().fails(1);
    token(&["--no-such-option"]).finish().fails(2);
    home.run::<&str>([]).finish().fails(2);
    token(&["--client-secret-file", "missing"])
        .finish()
        .fails(3);
    let wrong = token(&["--no-cache"])
        .env("SITECORE_CLIENT_SECRET", "wrong")
        .finish()
        .fails(4);
    assert!(
        wrong.contains("try: the client id or the client secret is wrong"),
        "{wrong}"
    );
    let closed = ClosedPort::take();
    let err = token(&["--no-cache", "--timeout", "1s"])
        .env("SITECORE_AUTH_URL", format!("http://{}/", closed.address()))
        .finish()
        .fails(5);
    assert!(err.contains("edge-oauth doctor"), "{err}");
}

#[test]
fn retry_after_is_in_the_error() {
    let (home, edge) = (Home::new(), edge());
    edge.script([Fault::status(429).header("retry-after", "120")])
        .unwrap();
    let err = home.run(["token"]).edge(&edge).finish().fails(4);
    assert!(err.contains("wait for 120 s"), "{err}");
    assert_eq!(edge.served().token_requests, 1);
}

#[test]
fn help_shows_the_exit_statuses_and_not_the_refused_option() {
    let home = Home::new();
    let help = home.run(["--help"]).finish().quiet();
    assert!(
        help.contains("Exit status:") && help.contains("5  network or timeout"),
        "{help}"
    );
    assert!(!help.contains("--client-secret "), "{help}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.run(["completions", shell]).finish().quiet();
        assert!(script.contains("client-secret-file"), "{shell}");
        // The options that name a file or a command, and the methods of client authentication.
        let known = ["-file", "-command", "-post", "-basic", "-jwt"];
        let offered = known.iter().fold(script, |script, end| {
            script.replace(&format!("client-secret{end}"), "")
        });
        assert!(!offered.contains("client-secret"), "{shell}");
    }
    assert!(home.run(["man"]).finish().quiet().contains(".TH"));
}

#[test]
fn output_without_a_terminal_has_no_colour() {
    let (home, edge) = (Home::new(), edge());
    let err = home
        .run(["token", "--client-id", "other"])
        .edge(&edge)
        .finish()
        .fails(4);
    assert!(
        err.starts_with("error: ") && !err.contains('\u{1b}'),
        "{err}"
    );
}

// fault: interrupted-run
#[test]
fn closed_pipe_ends_the_run_silently() {
    let (home, edge) = (Home::new(), edge());
    let hold = edge.hold();
    let mut run = home.run(["token"]).edge(&edge);
    let mut child = run
        .command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    edge.wait_for_token_requests(1);
    drop(hold);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[cfg(unix)]
mod terminal {
    use super::*;

    fn on_terminal(home: &Home, edge: &LocalEdge, typed: &str, arguments: &[&str]) -> common::Run {
        let run = home.run_on_terminal(("secret: ", typed), arguments);
        run.edge_without_secret(edge).env("TERM", "xterm")
    }

    // fault: token-to-a-terminal
    #[test]
    fn token_on_a_terminal_is_printed_with_a_warning() {
        let (home, edge) = (Home::new(), edge());
        let run = on_terminal(&home, &edge, "", &["token"]).env("SITECORE_CLIENT_SECRET", SECRET);
        let shown = run.finish().ok();
        assert!(
            shown.contains("\u{1b}[1;33mwarning\u{1b}[0m: this output is a secret"),
            "{shown}"
        );
        assert!(shown.contains("ey"), "{shown}");
        let plain = on_terminal(&home, &edge, "", &["token"]).env("SITECORE_CLIENT_SECRET", SECRET);
        let shown = plain.env("NO_COLOR", "1").finish().ok();
        assert!(shown.contains("warning: this output"), "{shown}");
    }

    // fault: secret-on-standard-input
    #[test]
    fn secret_prompt_hides_its_input() {
        let (home, edge) = (Home::new(), edge());
        for arguments in [&["token"][..], &["token", "--client-secret-file", "-"]] {
            let shown = on_terminal(&home, &edge, SECRET, arguments).finish().ok();
            assert!(
                shown.contains("Client secret: ") && !shown.contains(SECRET),
                "{shown}"
            );
        }
        let mended = format!("x\u{7f}wrong\u{15}{SECRET}");
        on_terminal(&home, &edge, &mended, &["token", "--no-cache"])
            .finish()
            .ok();
    }

    #[test]
    fn prompt_comes_after_all_other_checks() {
        let (home, edge) = (Home::new(), edge());
        for wrong in [
            ["--resource", "no-uri"],
            ["--audience", ""],
            ["--cacert", "missing.pem"],
        ] {
            let arguments = [&["token", "--no-cache"][..], &wrong].concat();
            let ended = on_terminal(&home, &edge, SECRET, &arguments).finish();
            assert_eq!(ended.status, 2, "{ended:?}");
            assert!(!ended.out.contains("Client secret: "), "{ended:?}");
        }
    }

    // fault: interrupted-run
    #[test]
    fn interrupted_prompt_restores_the_terminal() {
        let (home, edge) = (Home::new(), edge());
        let ended = on_terminal(&home, &edge, "half\u{3}", &["token"]).finish();
        // The signal itself ended it: Python's exit status is the signal's negative.
        assert_eq!(ended.status, 256 - 2, "{ended:?}");
        assert_eq!(ended.out, "Client secret: \r\n", "{ended:?}");
        assert_eq!(ended.err, "", "the terminal shows what is typed again");
    }

    // fault: secret-on-standard-input
    #[test]
    fn job_has_no_prompt() {
        let (home, edge) = (Home::new(), edge());
        for (arguments, says) in [
            (&["token"][..], "no client secret"),
            (
                &["token", "--client-secret-file", "-"],
                "CI is set, so there is no prompt",
            ),
        ] {
            let ended = on_terminal(&home, &edge, SECRET, arguments)
                .env("CI", "true")
                .finish();
            assert_eq!(ended.status, 3);
            assert!(ended.out.contains(says), "{ended:?}");
        }
    }
}
