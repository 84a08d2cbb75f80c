//! Runs the quickstart as a newcomer does, and checks its output.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::process::{Command, Output};

use edge_oauth_local::{AUDIENCE, LocalEdge};

/// `cargo test` builds the examples beside the tests.
fn quickstart() -> Command {
    let test = std::env::current_exe().unwrap();
    let built: PathBuf = test
        .parent()
        .and_then(|deps| deps.parent())
        .unwrap()
        .join("examples");
    let mut command = Command::new(built.join("quickstart"));
    for name in [
        "CLIENT_ID",
        "CLIENT_SECRET",
        "AUTH_URL",
        "AUDIENCE",
        "EDGE_URL",
    ] {
        command.env_remove(format!("SITECORE_{name}"));
    }
    command
}

fn against(edge: &LocalEdge, secret: &str) -> Command {
    let mut command = quickstart();
    command
        .env("SITECORE_CLIENT_ID", edge.client_id())
        .env("SITECORE_CLIENT_SECRET", secret)
        .env("SITECORE_AUTH_URL", edge.token_url());
    command
}

/// Returns all its output.
fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(both).unwrap()
}

/// A JWT has two dots between long parts; only its first characters are shown.
fn shows_no_jwt(text: &str) -> bool {
    text.split_whitespace()
        .all(|word| !(word.starts_with("eyJ") && word.len() > 20))
}

#[test]
fn offline_run_prints_the_request_the_token_and_two_calls() {
    let output = quickstart().output().unwrap();
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    for line in [
        "/oauth/token",
        "content-type: application/x-www-form-urlencoded",
        "audience = https://api.sitecorecloud.io",
        "client_secret = [redacted]",
        "token_type: Bearer",
        "expires_in: 86400 s",
        "sub = local-client@clients",
        "without the token: 401",
        "with the token:    200",
    ] {
        assert!(text.contains(line), "{line} is missing in:\n{text}");
    }
    assert!(
        shows_no_jwt(&text) && !text.contains("local-secret"),
        "{text}"
    );
}

#[test]
fn credentials_of_the_environment_are_used_with_its_endpoint() {
    let edge = LocalEdge::start().unwrap();
    let output = against(&edge, edge.client_secret()).output().unwrap();
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert_eq!(edge.served().tokens_issued, 1);
    assert_eq!(
        edge.served().api_requests,
        0,
        "the token goes to nobody else"
    );
    assert!(
        shows_no_jwt(&text) && !text.contains(edge.client_secret()),
        "{text}"
    );
}

#[test]
fn api_of_the_environment_is_called_with_the_token_of_its_endpoint() {
    let edge = LocalEdge::start().unwrap();
    let output = against(&edge, edge.client_secret())
        .env("SITECORE_EDGE_URL", edge.base_url())
        .output()
        .unwrap();
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("with the token:    200"), "{text}");
    assert_eq!(edge.served().tokens_issued, 1);
}

#[test]
fn error_response_is_printed_with_a_hint_and_without_the_secret() {
    let edge = LocalEdge::start().unwrap();
    let wrong = against(&edge, "a-wrong-one").output().unwrap();
    let text = text(&wrong);
    assert!(!wrong.status.success());
    assert!(
        text.contains("401") && text.contains("client secret is wrong"),
        "{text}"
    );
    assert!(!text.contains("a-wrong-one"), "{text}");

    let audience = against(&edge, edge.client_secret())
        .env("SITECORE_AUDIENCE", "https://x.example")
        .output();
    let audience = String::from_utf8(audience.unwrap().stdout).unwrap();
    assert!(
        audience.contains(AUDIENCE) && audience.contains("does not know this audience"),
        "{audience}"
    );
}

#[test]
fn id_without_secret_is_an_error() {
    let output = quickstart()
        .env("SITECORE_CLIENT_ID", "id")
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(text(&output).contains("SITECORE_CLIENT_SECRET"));
}
