//! The jobs of the README, as written there: its shell commands, and those of its workflows.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]

mod common;

use common::Home;
use common::api::Api;
use edge_oauth_local::LocalEdge;

/// Returns the code blocks of a language in the section `Jobs`.
fn blocks(language: &str) -> Vec<&'static str> {
    let readme = include_str!("../README.md");
    let (_, section) = readme.split_once("\n## Jobs\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let begin = format!("```{language}\n");
    let blocks = section.split(begin.as_str()).skip(1);
    blocks
        .map(|block| block.split_once("```").unwrap().0)
        .collect()
}

/// Returns a script with the program under test in PATH, beside stand-ins for other programs.
fn script(home: &Home, lines: &str) -> common::Run {
    for (name, text) in [
        ("bin/gh", "#!/bin/sh\ncat > secret\n"),
        ("deploy.sh", "#!/bin/sh\n"),
        ("publish.sh", "#!/bin/sh\n"),
    ] {
        use std::os::unix::fs::PermissionsExt;
        let path = home.write(name, text);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let program = std::path::Path::new(common::PROGRAM).parent().unwrap();
    let lines = format!("PATH={}:$HOME/bin:$PATH\n{lines}", program.display());
    home.run_other("sh").args(["-e", "-c", &lines])
}

#[test]
fn shell_commands_of_the_jobs_succeed() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
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
        let steps = block.lines().filter_map(|line| {
            let line = line.trim_start().strip_prefix("- ")?;
            line.strip_prefix("run: ")
                .or_else(|| line.strip_prefix("bash: "))
        });
        for step in steps {
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
