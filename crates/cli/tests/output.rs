//! Output for programs: JSON of data and of errors, and no messages with `--quiet`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Home;
use edge_oauth_local::LocalEdge;
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn error_of_a_command_with_json_output_is_json() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    for arguments in [
        &["token", "-o", "json"][..],
        &["whoami", "-o", "json"],
        &["admin", "settings", "get", "-o", "json"],
        &["keys", "list", "--output=json"],
    ] {
        let run = home.run(arguments).edge_without_secret(&edge);
        let run = run.env("SITECORE_CLIENT_SECRET", "pl4nted-wrong");
        let err = run.finish().fails(4);
        let error = &json(&err)["error"];
        assert_eq!(error["status"], 4, "{err}");
        assert!(
            error["message"].as_str().unwrap().contains("status 401"),
            "{err}"
        );
        assert!(
            error["try"].is_string() && !err.contains("pl4nted"),
            "{err}"
        );
    }
    let err = home.run(["token", "-o", "json"]).finish().fails(3);
    assert_eq!(json(&err)["error"]["status"], 3);
    let err = home.run(["token"]).finish().fails(3);
    assert!(err.starts_with("error: "), "{err}");
}

// fault: usage-error-in-place-of-json
#[test]
fn usage_error_of_a_command_with_json_output_is_json() {
    let home = Home::new();
    for arguments in [
        &["token", "-o", "json", "--bogus"][..],
        &["token", "--output=json", "--client-auth", "pl4nted-secret"],
        &["keys", "list", "-ojson", "Pl4nted1"],
        &["publish", "items", "--output", "json"],
    ] {
        let err = home.run(arguments).finish().fails(2);
        let error = &json(&err)["error"];
        assert_eq!(error["status"], 2, "{err}");
        assert!(
            error["message"].is_string() && error["try"].is_string(),
            "{err}"
        );
        assert!(!err.to_lowercase().contains("pl4nted"), "{err}");
    }
    let words = ["exec", "--bogus", "--", "kubectl", "-o", "json"];
    let err = home.run(words).finish().fails(2);
    assert!(err.starts_with("error: "), "{err}");
}

#[test]
fn data_of_each_command_can_be_json() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let run = |arguments: &[&str]| json(&home.run(arguments).edge(&edge).finish().ok());
    assert!(run(&["token", "-o", "json"])["access_token"].is_string());
    let cached = run(&["cache", "list", "-o", "json"]);
    assert_eq!(cached[0]["is_of_this_configuration"], true);
    assert!(cached[0]["expires_at"].is_string());
    let request = run(&["request", "-o", "json"]);
    assert_eq!(request["method"], "POST");
    assert_eq!(request["url"], edge.token_url());
    let body = request["body"].as_str().unwrap();
    assert!(body.contains("client_secret=[redacted]"), "{request}");
    assert!(
        !request.to_string().contains(edge.client_secret()),
        "{request}"
    );
    let request = run(&["request", "-o", "json", "--client-auth", "basic"]);
    assert_eq!(request["headers"]["authorization"], "[redacted]");
    let shown = run(&["request", "-o", "json", "--show-secret"]);
    assert!(
        shown["body"]
            .as_str()
            .unwrap()
            .contains(edge.client_secret())
    );
}

#[test]
fn quiet_run_prints_errors_alone() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let run = |arguments: &[&str]| home.run(arguments).edge(&edge).finish();
    assert!(run(&["keys", "list"]).err.contains("no key"));
    run(&["keys", "list", "--quiet"]).quiet();
    run(&["--quiet", "cache", "clear"]).quiet();
    let err = run(&["--quiet", "token", "--audience", "urn:other"]).fails(4);
    assert!(err.starts_with("error: "), "{err}");
    run(&["--quiet", "-v", "token"]).fails(2);
}

// fault: help-on-a-full-disk
#[cfg(target_os = "linux")]
#[test]
fn help_that_is_not_written_is_an_error() {
    let home = Home::new();
    for (words, to, status) in [
        ("--help", "/dev/full", 1),
        ("token --help", "/dev/full", 1),
        ("help token", "/dev/full", 1),
        ("--version", "/dev/full", 1),
        ("--version", "/dev/null", 0),
    ] {
        let line = format!("exec \"$0\" {words} > {to}");
        let run = home.run_other("sh").args(["-c", &line, common::PROGRAM]);
        let ended = run.finish();
        assert_eq!(ended.status, status, "{ended:?}");
    }
}
