//! The jobs of the README, as written there: its shell commands, and those of its workflows.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]

mod common;

use std::time::Duration;

use common::Home;
use common::api::Api;
use common::documents::{self, script, section, steps};
use edge_oauth_local::{LocalEdge, Options};

/// Returns the code blocks of a language in the section on jobs.
fn blocks(language: &str) -> Vec<&'static str> {
    documents::blocks(section(include_str!("../README.md"), "## Jobs"), language)
}

#[test]
fn shell_commands_of_the_jobs_succeed() {
    // Its publishing jobs end at once.
    let options = Options::default().publishing_time(Duration::ZERO);
    let (home, edge) = (Home::new(), LocalEdge::start_with(options).unwrap());
    let create = ["keys", "create", "--label", "www"];
    home.run(create).edge(&edge).finish().ok();
    let mut run = 0;
    for block in blocks("sh") {
        if block.contains("edge-oauth api") {
            continue;
        }
        script(&home, block).edge(&edge).finish().ok();
        run += 1;
    }
    assert_eq!(run, 3);
    assert!(
        !std::fs::read_to_string(home.path.join("secret"))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn steps_of_the_workflows_succeed() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let mut run = 0;
    for block in blocks("yaml") {
        for step in steps(block) {
            script(&home, step)
                .edge(&edge)
                .env("CI", "true")
                .finish()
                .ok();
            run += 1;
        }
    }
    assert_eq!(run, 4);
}

#[test]
fn calls_of_any_api_succeed() {
    let (home, api) = (Home::new(), Api::start());
    home.write("query.graphql", "{ x }");
    let block = blocks("sh")
        .into_iter()
        .find(|block| block.contains("edge-oauth api"));
    let block = block
        .unwrap()
        .replace("https://cm.sitecorecloud.io", api.base());
    api.respond(200, "", r#"[{"id":"1"}]"#);
    api.respond(
        200,
        "",
        r#"{"data":[{"id":"1"}],"totalCount":1,"pageNumber":1,"pageSize":10}"#,
    );
    api.respond(201, "", r#"{"id":"job_1","system":{"status":"Queued"}}"#);
    api.respond(200, "", r#"{"data":{"x":1}}"#);
    let run = script(&home, &block)
        .env("SITECORE_AUTH_URL", api.token_url())
        .env("SITECORE_EDGE_URL", api.base())
        .env("SITECORE_CLIENT_ID", "my-client")
        .env("SITECORE_CLIENT_SECRET", "planted-secret");
    let out = run.finish().ok();
    assert!(out.starts_with("1\n[{\"id\":\"1\"}]\n"), "{out}");
    let calls = api.calls();
    assert_eq!((calls.len(), api.tokens()), (4, 1));
    let job: serde_json::Value = serde_json::from_str(&calls[2].body).unwrap();
    assert_eq!(job["options"]["xmc"]["site"]["mode"], "Smart");
    assert_eq!(calls[3].body, r#"{"query":"{ x }"}"#);
}
