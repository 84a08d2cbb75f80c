//! Runs the examples of the APIs as a newcomer does: at a local Edge of their own, and at a local Edge that the
//! environment names, which tells what they did.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_no_io::{Config, Secret, Tenant};
use edge_oauth_ureq::{TokenSource, UreqTransport};
use experience_edge_api::{ExperienceEdge, KeyFilter};

/// `cargo test` builds the examples beside the tests.
fn example(name: &str) -> Command {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(|deps| deps.parent()).unwrap();
    let mut command = Command::new(built.join("examples").join(name));
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

fn at(edge: &LocalEdge, name: &str) -> Command {
    let mut command = example(name);
    command
        .env("SITECORE_CLIENT_ID", edge.client_id())
        .env("SITECORE_CLIENT_SECRET", edge.client_secret())
        .env("SITECORE_AUTH_URL", edge.token_url())
        .env("SITECORE_EDGE_URL", edge.base_url());
    command
}

/// Returns whether it succeeded, and all its output.
fn run(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

/// Returns a source that checks the result afterwards.
fn source(edge: &LocalEdge) -> (TokenSource, ExperienceEdge) {
    let secret = Secret::new(edge.client_secret());
    let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret);
    let config = config.and_then(|config| config.to_builder().endpoint(edge.token_url()).build());
    let source = TokenSource::new(UreqTransport::new(), config.unwrap());
    (source, ExperienceEdge::at(edge.base_url()).unwrap())
}

#[test]
fn each_example_runs_without_a_network() {
    for name in [
        "clear_cache",
        "restart",
        "revalidate_webhook",
        "rotate_key",
        "secretless",
    ] {
        let (ended_well, text) = run(&mut example(name));
        assert!(ended_well, "{name}: {text}");
    }
}

#[test]
fn busy_service_is_retried_until_the_cache_is_cleared() {
    let edge = LocalEdge::start().unwrap();
    let busy = Fault::status(503).header("retry-after", "0");
    edge.script_api([busy]).unwrap();
    let (ended_well, text) = run(&mut at(&edge, "clear_cache"));
    assert!(ended_well, "{text}");
    assert_eq!(edge.served().api_requests, 2);

    edge.script_api([Fault::status(403)]).unwrap();
    let (ended_well, text) = run(&mut at(&edge, "clear_cache"));
    assert!(
        !ended_well && text.contains("Edge administration"),
        "{text}"
    );
}

#[test]
fn webhook_registered_twice_exists_once() {
    let edge = LocalEdge::start().unwrap();
    for _ in 0..2 {
        let mut command = at(&edge, "revalidate_webhook");
        let (ended_well, text) = run(command.env("REVALIDATE_SECRET", "pl4nted"));
        assert!(ended_well && !text.contains("pl4nted"), "{text}");
    }
    let (source, api) = source(&edge);
    let webhooks = source.call(&api.webhooks()).unwrap();
    assert_eq!(webhooks.len(), 1);
    let headers: Vec<_> = webhooks[0].headers().collect();
    assert_eq!(headers, [("x-revalidate", "pl4nted")]);
}

#[test]
fn rotation_leaves_one_valid_key() {
    let edge = LocalEdge::start().unwrap();
    let (ended_well, text) = run(&mut at(&edge, "rotate_key"));
    assert!(ended_well && text.contains("old keys revoked: 1"), "{text}");
    let (source, api) = source(&edge);
    let keys = |filter| source.call(&api.keys(filter).unwrap()).unwrap().keys;
    assert_eq!(keys(KeyFilter::new()).len(), 2);
    assert_eq!(keys(KeyFilter::new().active_only()).len(), 1);
}

#[test]
fn service_keeps_its_token_across_restarts() {
    let edge = LocalEdge::start().unwrap();
    let folder = std::env::temp_dir().join(format!("edge-oauth-jobs-{}", std::process::id()));
    for _ in 0..2 {
        let (ended_well, text) = run(at(&edge, "restart").env("TOKENS", &folder));
        assert!(ended_well, "{text}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(edge.served().token_requests, 1);
}

#[test]
fn mutual_tls_presents_the_certificate_that_is_in_the_files() {
    let (ended_well, text) = run(&mut example("mutual_tls"));
    assert!(ended_well, "{text}");
    for line in [
        "first token: token-for-certificate-1",
        "second token: token-for-certificate-2",
        "without a certificate: the client certificate cannot be used: the server demands one",
        "missing.crt` does not exist",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn token_of_another_server_goes_nowhere_else() {
    let edge = LocalEdge::start().unwrap();
    let (ended_well, text) = run(at(&edge, "clear_cache").env_remove("SITECORE_EDGE_URL"));
    assert!(!ended_well && text.contains("SITECORE_EDGE_URL"), "{text}");
    assert_eq!(edge.served().token_requests, 0);
}
