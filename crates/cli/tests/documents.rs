//! The commands of the READMEs and of the guides, read from there, against a local Experience Edge. The jobs of the
//! program's README are in `readme_jobs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]

mod common;

use std::time::Duration;

use common::documents::{blocks, script, section, steps, with_path};
use common::{Home, Run};
use edge_oauth_local::{LocalEdge, Options};

const README: &str = include_str!("../../../README.md");
const README_OF_PROGRAM: &str = include_str!("../README.md");
const WITHOUT_A_SECRET: &str = include_str!("../../../docs/guide/without-a-secret.md");
const PUBLISH: &str = include_str!("../../../docs/guide/publish.md");
const INSTALLING: &str = include_str!("../../../docs/guide/installing.md");

/// Returns an Edge whose publishing jobs end at once.
fn quick() -> LocalEdge {
    LocalEdge::start_with(Options::default().publishing_time(Duration::ZERO)).unwrap()
}

/// Runs a block that begins with `edge-oauth serve > env`: that line in a terminal of its own, as the block says.
fn run_beside_its_server(home: &Home, block: &str) {
    let lines = block
        .lines()
        .filter(|line| !line.starts_with("cargo install"));
    let (server, others): (Vec<_>, Vec<_>) =
        lines.partition(|line| line.starts_with("edge-oauth serve"));
    let [server] = server.as_slice() else {
        panic!("one line starts the server: {block}")
    };
    let (before, after) = others.split_at(usize::from(others[0].starts_with("openssl")));
    script(home, &before.join("\n")).finish().ok();
    let server = script(home, &format!("exec {server}")).until_it_says("Ctrl-C");
    let ended = script(home, &after.join("\n")).finish();
    server.signal("-TERM").finish();
    let shown = ended.ok();
    assert!(shown.contains("ey") || shown.contains("cache"), "{shown}");
}

#[test]
fn first_commands_of_the_program_succeed() {
    let home = Home::new();
    run_beside_its_server(&home, blocks(README_OF_PROGRAM, "sh")[0]);
}

#[test]
fn commands_with_a_key_succeed() {
    let home = Home::new();
    let part = section(README_OF_PROGRAM, "## Without a client secret");
    run_beside_its_server(&home, blocks(part, "sh")[0]);

    // The rest of the block in the guide is for servers of a platform.
    let block = blocks(section(WITHOUT_A_SECRET, "## With the program"), "sh")[0];
    let (block, _) = block
        .split_once("\n# With a server of your platform")
        .unwrap();
    run_beside_its_server(&home, block);
}

#[test]
fn program_of_the_readme_logs_in_and_works() {
    let (home, edge) = (Home::new(), quick());
    let create = ["keys", "create", "--label", "www"];
    home.run(create).edge(&edge).finish().ok();
    let block = blocks(section(README, "## The program"), "sh")[0];
    let (install, block) = block.split_once('\n').unwrap();
    assert!(install.starts_with("cargo install"));
    let answers = [
        ("[current]: ", edge.token_url()),
        ("Client id: ", edge.client_id()),
        ("Audience [none]: ", edge_oauth_local::AUDIENCE),
        ("Scopes [none]: ", ""),
        ("Number [1]: ", "1"),
        ("Client secret: ", edge.client_secret()),
    ];
    // Writes the stand-in for `gh`.
    script(&home, "true").finish().ok();
    let run = home.answer_on_terminal(&answers, "sh");
    let run = run.args(["-e", "-c", &with_path(block)]);
    let run = run.env("SITECORE_EDGE_URL", edge.base_url());
    run.env("TERM", "xterm").finish().ok();
    assert!(home.path.join("secret").exists());
}

#[test]
fn commands_of_the_guide_to_publishing_succeed() {
    let (home, edge) = (Home::new(), quick());
    let running = LocalEdge::start().unwrap();
    let blocks = blocks(PUBLISH, "sh");
    let [waiting, later] = blocks.as_slice() else {
        panic!("the guide has {} blocks", blocks.len())
    };
    script(&home, waiting).edge(&edge).finish().ok();
    let mut lines = later.lines();
    let create = lines.next().unwrap();
    for line in lines {
        // A job can be canceled as long as it runs.
        let edge = match line.contains("publish cancel") {
            true => &running,
            false => &edge,
        };
        let lines = format!("{create}\n{line}");
        script(&home, &lines).edge(edge).finish().ok();
    }
}

#[test]
fn steps_of_github_gitlab_and_azure_succeed() {
    let home = Home::new();
    let run = |step: &str, edge: &LocalEdge| -> Run { script(&home, step).edge(edge) };
    let blocks = blocks(INSTALLING, "yaml");
    assert_eq!(blocks.len(), 3, "one of GitHub, GitLab and Azure each");
    for block in blocks {
        let steps = steps(block);
        assert_eq!(steps.len(), 1, "{block}");
        let edge = LocalEdge::start().unwrap();
        run(steps[0], &edge).env("CI", "true").finish().ok();
        let calls = u64::from(steps[0].starts_with("edge-oauth"));
        assert_eq!(edge.served().token_requests, calls, "{block}");
    }
}
