//! `edge-oauth token`: each format, and the minimum remaining lifetime.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::time::Duration;

use common::Home;
#[cfg(unix)]
use edge_oauth_conformance::ClosedPort;
use edge_oauth_local::{Client, Fault, LocalEdge, Options};
use serde_json::Value;

fn edge() -> LocalEdge {
    LocalEdge::start().unwrap()
}

fn with_lifetime(seconds: u64) -> LocalEdge {
    LocalEdge::start_with(Options::default().lifetime(Duration::from_secs(seconds))).unwrap()
}

fn assert_is_jwt(token: &str) {
    assert!(
        token.starts_with("ey") && token.matches('.').count() == 2,
        "{token}"
    );
}

// fault: token-to-a-pipe
#[test]
fn token_is_printed_alone() {
    let (home, edge) = (Home::new(), edge());
    let out = home.run(["token"]).edge(&edge).finish().quiet();
    assert_is_jwt(out.strip_suffix('\n').unwrap());
    assert_eq!(out.lines().count(), 1);
}

// fault: variable-without-its-format
#[test]
fn name_of_a_variable_needs_a_format_with_one() {
    let (home, edge) = (Home::new(), edge());
    for format in [&[][..], &["-o", "curl"], &["-o", "json"]] {
        for command in [&["token"][..], &["keys", "create", "--label", "a"]] {
            if command == ["token"] || format != ["-o", "curl"] {
                let run = home.run([command, &["--env", "MINE"], format].concat());
                let err = run.edge(&edge).finish().fails(2);
                assert!(err.contains("--env is for"), "{err}");
            }
        }
    }
    assert_eq!(edge.served().token_requests, 0);
}

// fault: retries-without-a-word
#[cfg(unix)]
#[test]
fn person_sees_that_an_attempt_failed() {
    let (home, edge, closed) = (Home::new(), edge(), ClosedPort::take());
    let url = format!("http://{}/token", closed.address());
    let run = home.run_on_terminal(("", ""), &["token", "--timeout", "1s"]);
    let run = run.edge(&edge).env("SITECORE_AUTH_URL", &url);
    let ended = run.env("TERM", "xterm").finish();
    assert_eq!(ended.status, 5, "{ended:?}");
    let (before, error) = ended.out.split_once("error").unwrap();
    assert!(before.contains("retrying: no connection"), "{ended:?}");
    assert!(!error.contains("retrying"), "{ended:?}");
    let run = home.run(["token", "--timeout", "1s"]).edge(&edge);
    let err = run.env("SITECORE_AUTH_URL", &url).finish().fails(5);
    assert!(!err.contains("retrying"), "{err}");
}

#[test]
fn a_header_is_ready_for_a_request() {
    let (home, edge) = (Home::new(), edge());
    let out = home
        .run(["token", "-o", "header"])
        .edge(&edge)
        .finish()
        .quiet();
    assert_is_jwt(
        out.strip_prefix("Authorization: Bearer ")
            .unwrap()
            .trim_end(),
    );
}

#[test]
fn json_has_what_the_server_said() {
    let (home, edge) = (Home::new(), with_lifetime(900));
    let out = home
        .run(["token", "-o", "json"])
        .edge(&edge)
        .finish()
        .quiet();
    let json: Value = serde_json::from_str(&out).unwrap();
    assert_is_jwt(json["access_token"].as_str().unwrap());
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(
        json["scope"],
        "edge.content:clearall edge.tokens:create xmcloud.cm:admin xmcpub.jobs.a:r xmcpub.jobs.a:w"
    );
    assert!(
        (890..=900).contains(&json["expires_in"].as_u64().unwrap()),
        "{out}"
    );
    let expires_at = json["expires_at"].as_str().unwrap();
    assert!(
        expires_at.len() == 20 && expires_at.ends_with('Z'),
        "{expires_at}"
    );
}

#[test]
fn json_omits_unknown_members() {
    let client = Client::new("id", "pa55").scopes([] as [&str; 0]);
    let edge = LocalEdge::start_with(Options::default().client(client)).unwrap();
    let out = Home::new()
        .run(["token", "-o", "json"])
        .edge(&edge)
        .finish()
        .quiet();
    let json: Value = serde_json::from_str(&out).unwrap();
    assert!(!json.as_object().unwrap().contains_key("scope"), "{out}");
}

#[cfg(unix)]
#[test]
fn a_shell_evaluates_the_assignment() {
    let (home, edge) = (Home::new(), edge());
    let token = home.run(["token"]).edge(&edge).finish().quiet();
    for (name, arguments) in [
        ("EDGE_OAUTH_TOKEN", &["token", "-o", "env"][..]),
        ("MINE", &["token", "-o", "env", "--env", "MINE"]),
    ] {
        let script = home.run(arguments).edge(&edge).finish().quiet();
        let print = format!("{script}printenv {name}");
        assert_eq!(
            home.run_other("sh").args(["-c", &print]).finish().ok(),
            token
        );
    }
}

#[test]
fn powershell_has_its_own_assignment() {
    let (home, edge) = (Home::new(), edge());
    let out = home
        .run(["token", "-o", "powershell"])
        .edge(&edge)
        .finish()
        .quiet();
    let token = out
        .strip_prefix("$env:EDGE_OAUTH_TOKEN = '")
        .unwrap()
        .strip_suffix("'\n")
        .unwrap();
    assert_is_jwt(token);
}

#[cfg(unix)]
#[test]
fn curl_reads_a_configuration_with_the_token_escaped() {
    let (home, edge) = (Home::new(), edge());
    edge.script([Fault::none()
        .body(r#"{"access_token":"a\"b\\c'd","token_type":"Bearer","expires_in":900}"#)])
        .unwrap();
    let out = home
        .run(["token", "-o", "curl"])
        .edge(&edge)
        .finish()
        .quiet();
    assert_eq!(out, "header = \"Authorization: Bearer a\\\"b\\\\c'd\"\n");
    let out = home
        .run(["token", "-o", "env"])
        .edge(&edge)
        .finish()
        .quiet();
    let print = format!("{out}printenv EDGE_OAUTH_TOKEN");
    assert_eq!(
        home.run_other("sh").args(["-c", &print]).finish().ok(),
        "a\"b\\c'd\n"
    );
}

#[test]
fn github_masks_the_token_and_appends_it_to_the_outputs() {
    let (home, edge) = (Home::new(), edge());
    let outputs = home.write("outputs", "earlier=1\n");
    let out = home
        .run(["token", "-o", "github"])
        .edge(&edge)
        .env("GITHUB_OUTPUT", &outputs)
        .finish()
        .quiet();
    let token = out.strip_prefix("::add-mask::").unwrap().trim_end();
    assert_is_jwt(token);
    assert_eq!(out.lines().count(), 1);
    assert_eq!(
        fs::read_to_string(&outputs).unwrap(),
        format!("earlier=1\ntoken={token}\n")
    );
}

#[test]
fn later_steps_of_a_job_get_the_token_in_a_variable() {
    let (home, edge) = (Home::new(), edge());
    let token = home.run(["token"]).edge(&edge).finish().quiet();
    let token = token.trim_end();
    let run = |format: &str| {
        home.run(["token", "-o", format, "--env", "MINE"])
            .edge(&edge)
    };
    let variables = home.write("variables", "");
    let out = run("github-env")
        .env("GITHUB_ENV", &variables)
        .finish()
        .quiet();
    assert_eq!(out, format!("::add-mask::{token}\n"));
    let written = fs::read_to_string(&variables).unwrap();
    assert_eq!(written, format!("MINE={token}\n"));
    let err = run("github-env").finish().fails(2);
    assert!(err.contains("GITHUB_ENV is not set"), "{err}");
    let azure = format!("##vso[task.setvariable variable=MINE;issecret=true]{token}\n");
    assert_eq!(run("azure").finish().quiet(), azure);
    assert_eq!(run("dotenv").finish().quiet(), format!("MINE={token}\n"));
}

#[test]
fn github_adds_no_file_and_to_no_line_of_another() {
    let (home, edge) = (Home::new(), edge());
    let missing = home.path.join("missing");
    for outputs in [&missing, &home.path] {
        let run = home.run(["token", "-o", "github"]).edge(&edge);
        let err = run.env("GITHUB_OUTPUT", outputs).finish().fails(1);
        assert!(err.contains("GITHUB_OUTPUT"), "{err}");
    }
    assert!(!missing.exists());
    assert_eq!(edge.served().token_requests, 0);

    let outputs = home.write("outputs", "earlier=1");
    let run = home.run(["token", "-o", "github"]).edge(&edge);
    run.env("GITHUB_OUTPUT", &outputs).finish().quiet();
    let written = fs::read_to_string(&outputs).unwrap();
    assert!(written.starts_with("earlier=1\ntoken=ey"), "{written}");
}

#[test]
fn github_without_its_variable_sends_no_request() {
    let (home, edge) = (Home::new(), edge());
    let err = home
        .run(["token", "-o", "github"])
        .edge(&edge)
        .finish()
        .fails(2);
    assert!(err.contains("GITHUB_OUTPUT"), "{err}");
    assert_eq!(edge.served().token_requests, 0);
}

#[test]
fn kubectl_reads_the_credential_in_the_version_it_asks_for() {
    let (home, edge) = (Home::new(), edge());
    let credential = |info: Option<&str>| {
        let run = home.run(["token", "-o", "exec-credential"]).edge(&edge);
        let run = match info {
            Some(info) => run.env("KUBERNETES_EXEC_INFO", info),
            None => run,
        };
        serde_json::from_str::<Value>(&run.finish().quiet()).unwrap()
    };
    let json = credential(None);
    assert_eq!(json["apiVersion"], "client.authentication.k8s.io/v1");
    assert_eq!(json["kind"], "ExecCredential");
    assert_is_jwt(json["status"]["token"].as_str().unwrap());
    assert!(
        json["status"]["expirationTimestamp"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );

    let beta = r#"{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","spec":{}}"#;
    assert_eq!(
        credential(Some(beta))["apiVersion"],
        "client.authentication.k8s.io/v1beta1"
    );
}

#[test]
fn unknown_version_of_kubectl_sends_no_request() {
    let (home, edge) = (Home::new(), edge());
    for info in [
        "not json",
        "{}",
        r#"{"apiVersion":"client.authentication.k8s.io/v9"}"#,
    ] {
        let run = home.run(["token", "-o", "exec-credential"]).edge(&edge);
        let err = run.env("KUBERNETES_EXEC_INFO", info).finish().fails(2);
        assert!(err.contains("KUBERNETES_EXEC_INFO"), "{err}");
    }
    assert_eq!(edge.served().token_requests, 0);
}

#[test]
fn cached_token_below_the_minimum_lifetime_is_replaced() {
    let (home, edge) = (Home::new(), with_lifetime(900));
    let token = |arguments: &[&str]| {
        home.run([&["token"], arguments].concat())
            .edge(&edge)
            .finish()
    };
    edge.script([
        Fault::none().body(r#"{"access_token":"short","token_type":"Bearer","expires_in":120}"#)
    ])
    .unwrap();
    assert_eq!(token(&[]).quiet(), "short\n");
    assert_eq!(token(&["--min-ttl", "1m"]).quiet(), "short\n");
    assert_is_jwt(&token(&["--min-ttl", "5m"]).quiet());
    assert_eq!(edge.served().token_requests, 2);
}

#[test]
fn short_lifetime_is_reported_with_both_times() {
    let (home, edge) = (Home::new(), with_lifetime(60));
    let err = home
        .run(["token", "--min-ttl", "5m"])
        .edge(&edge)
        .finish()
        .fails(1);
    assert!(err.contains("new token is 5"), "{err}");
    assert!(err.contains("5m"), "{err}");
}

#[test]
fn any_oauth_server_works() {
    let (home, edge) = (Home::new(), edge());
    let ask = |extra: &[&str]| {
        let arguments = [
            "token",
            "--endpoint",
            edge.token_url(),
            "--client-id",
            edge.client_id(),
        ];
        let run = home.run([&arguments[..], extra].concat());
        run.env("SITECORE_CLIENT_SECRET", edge.client_secret())
            .finish()
    };
    let err = ask(&[]).fails(4);
    assert!(
        err.contains("Non-global clients"),
        "no audience is sent: {err}"
    );
    let good = ["--audience", "https://api.sitecorecloud.io"];
    for extra in [
        &["--client-auth", "basic"][..],
        &["--client-auth", "basic-plus"],
        &["--body", "json"],
        &[
            "--scope",
            "edge.tokens:create",
            "--param",
            "organization_id=org_1",
        ],
        &["--resource", "https://api.example"],
    ] {
        assert_is_jwt(&ask(&[&good[..], extra].concat()).quiet());
    }
}

#[test]
fn verbose_run_reports_its_progress() {
    let (home, edge) = (Home::new(), edge());
    edge.script([Fault::status(503)]).unwrap();
    let ended = home.run(["token", "-v"]).edge(&edge).finish();
    assert_eq!(ended.status, 0, "{ended:?}");
    for part in [
        "client id: SITECORE_CLIENT_ID",
        "an attempt failed",
        "status 503",
        "a new token after",
    ] {
        assert!(ended.err.contains(part), "{part} is not in {}", ended.err);
    }
    let ended = home.run(["token", "-v"]).edge(&edge).finish();
    assert!(ended.err.contains("from the cache"), "{}", ended.err);
}

#[test]
fn assumed_lifetime_is_not_printed_as_the_servers() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let answer = || Fault::none().body(r#"{"access_token":"unsaid","token_type":"Bearer"}"#);
    edge.script([answer(), answer()]).unwrap();
    let run = |arguments: &[&str]| home.run(arguments).edge(&edge).finish();
    // First from the server, then from the cache.
    for _ in 0..2 {
        let json: Value = serde_json::from_str(&run(&["token", "-o", "json"]).quiet()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({ "access_token": "unsaid", "token_type": "Bearer" })
        );
        let out = run(&["token", "-o", "exec-credential"]).quiet();
        let json: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(json["status"], serde_json::json!({ "token": "unsaid" }));
    }
    assert_eq!(edge.served().token_requests, 1);
    assert!(run(&["cache"]).quiet().contains("an assumed lifetime"));

    let err = run(&["token", "--min-ttl", "1s"]).fails(1);
    assert!(
        err.contains("does not say the lifetime of its tokens") && err.contains("--min-ttl"),
        "{err}"
    );
}

#[test]
fn one_request_has_the_whole_timeout_and_the_error_names_it() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let _hold = edge.hold();
    let run = home.run(["token", "--timeout", "300ms"]).edge(&edge);
    let err = run.finish().fails(5);
    assert!(
        err.contains("timed out") && err.contains("a longer --timeout than 300ms"),
        "{err}"
    );
    assert!(!err.contains("global"), "{err}");
    assert_eq!(edge.served().token_requests, 1);
}
