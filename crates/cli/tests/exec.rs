//! `edge-oauth exec`: the command receives the token, not the secret, and its status is the run's.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
#[cfg(target_os = "linux")]
use std::process::Stdio;

use common::{Home, Run};
use edge_oauth_local::{Client, LocalEdge, Options};

fn edge() -> LocalEdge {
    LocalEdge::start().unwrap()
}

fn exec(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> Run {
    home.run([&["exec"], arguments].concat()).edge(edge)
}

// fault: token-in-a-variable-of-the-system
#[test]
fn token_takes_the_place_of_no_variable_of_the_system() {
    let home = Home::new();
    for name in [
        "PATH",
        "Path",
        "LD_PRELOAD",
        "DYLD_INSERT_LIBRARIES",
        "BASH_ENV",
    ] {
        for command in [
            &["exec", "--env", name, "--", "true"][..],
            &["token", "-o", "env", "--env", name],
        ] {
            let err = home.run(command).finish().fails(2);
            assert!(err.contains("programs are found or started by"), "{err}");
        }
    }
}

#[test]
fn command_has_the_token_in_the_named_variable() {
    let (home, edge) = (Home::new(), edge());
    let token = exec(&home, &edge, &["--", "printenv", "EDGE_OAUTH_TOKEN"])
        .finish()
        .quiet();
    assert!(token.starts_with("ey"));
    assert_eq!(
        exec(&home, &edge, &["--env", "MINE", "printenv", "MINE"])
            .finish()
            .quiet(),
        token
    );
    let err = exec(&home, &edge, &["--env", "NOT=MINE", "true"])
        .finish()
        .fails(2);
    assert!(err.contains("--env"), "{err}");
}

// fault: command-prints-the-token-in-a-workflow
#[test]
fn token_of_a_command_is_masked_in_a_github_workflow() {
    let (home, edge) = (Home::new(), edge());
    let print = ["--", "printenv", "EDGE_OAUTH_TOKEN"];
    let run = exec(&home, &edge, &print).env("GITHUB_ACTIONS", "true");
    let ended = run.finish();
    let mask = format!("::add-mask::{}", ended.out);
    assert_eq!(ended.err, mask);
    let run = exec(&home, &edge, &print).env("GITHUB_ACTIONS", "false");
    run.finish().quiet();
}

// fault: panic-of-the-program
#[test]
fn the_command_may_dump_its_core() {
    let (home, edge) = (Home::new(), edge());
    let script = format!(
        "ulimit -S -c $(ulimit -H -c); ulimit -c; exec {} exec sh -c 'ulimit -c'",
        common::PROGRAM
    );
    let run = home.run_other("sh").args(["-c", &script]);
    let limits = run.edge(&edge).finish().quiet();
    let (before, within) = limits.trim_end().split_once('\n').unwrap();
    assert_eq!(before, within);
}

// fault: panic-of-the-program
#[cfg(target_os = "linux")]
#[test]
fn the_program_dumps_no_core() {
    let (home, edge) = (Home::new(), edge());
    let hold = edge.hold();
    let script = format!(
        "ulimit -S -c $(ulimit -H -c); exec {} token --no-cache",
        common::PROGRAM
    );
    let mut run = home.run_other("sh").args(["-c", &script]).edge(&edge);
    let child = run.command.stdout(Stdio::null()).spawn();
    let mut child = child.unwrap();
    edge.wait_for_token_requests(1);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    drop(hold);
    assert!(child.wait().unwrap().success());
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let soft = core.unwrap().split_whitespace().nth(4);
    assert!(matches!(soft, Some("0" | "1")), "{limits}");
}

// fault: secret-in-the-environment
#[test]
fn the_commands_environment_holds_no_secret() {
    let (home, edge) = (Home::new(), edge());
    let run = exec(&home, &edge, &["env"])
        .env("COPY", edge.client_secret())
        .env("OTHER", "stays");
    let out = run.finish().quiet();
    assert!(!out.contains(edge.client_secret()), "{out}");
    assert!(
        !out.contains("SITECORE_CLIENT_SECRET") && !out.contains("COPY"),
        "{out}"
    );
    assert!(
        out.contains("OTHER=stays\n") && out.contains("SITECORE_CLIENT_ID="),
        "{out}"
    );
    let file = home.write("secret", edge.client_secret());
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let arguments = ["--client-secret-file", file.to_str().unwrap(), "env"];
    let out = exec(&home, &edge, &arguments)
        .env("SITECORE_CLIENT_SECRET", "another")
        .finish()
        .quiet();
    assert!(!out.contains("another"), "{out}");
}

// fault: secret-in-the-environment
#[test]
fn variable_that_contains_the_secret_is_removed() {
    let (home, edge) = (Home::new(), edge());
    let url = format!("https://me:{}@db.example/", edge.client_secret());
    let run = exec(&home, &edge, &["-v", "env"]).env("DATABASE_URL", url);
    let ended = run.finish();
    assert!(
        ended
            .err
            .contains("DATABASE_URL contains a credential of the client"),
        "{ended:?}"
    );
    assert!(!ended.err.contains(edge.client_secret()), "{ended:?}");
    let out = ended.ok();
    assert!(
        !out.contains("DATABASE_URL") && out.contains("PATH="),
        "{out}"
    );
}

// fault: secret-in-the-environment
#[test]
fn short_secret_removes_no_other_variable() {
    let client = Client::new("me", "a");
    let edge = LocalEdge::start_with(Options::default().client(client)).unwrap();
    let home = Home::new();
    let run = exec(&home, &edge, &["env"]).env("OTHER", "stays");
    let out = run.finish().quiet();
    assert!(
        out.contains("OTHER=stays\n") && out.contains("PATH="),
        "{out}"
    );
}

// fault: secret-in-the-environment
#[cfg(target_os = "linux")]
#[test]
fn command_line_contains_no_secret() {
    let (home, edge) = (Home::new(), edge());
    let hold = edge.hold();
    let mut run = exec(
        &home,
        &edge,
        &[
            "sh",
            "-c",
            "tr '\\0' ' ' < /proc/$$/cmdline; cat /proc/$$/environ",
        ],
    );
    let child = run
        .command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    edge.wait_for_token_requests(1);
    let ours = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    drop(hold);
    let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(out.contains("EDGE_OAUTH_TOKEN=ey"), "{out}");
    for text in [out.as_str(), &String::from_utf8_lossy(&ours)] {
        assert!(!text.contains(edge.client_secret()), "{text}");
    }
    assert!(!String::from_utf8_lossy(&ours).contains("eyJ"));
}

#[test]
fn status_input_and_signals_are_the_commands_own() {
    let (home, edge) = (Home::new(), edge());
    exec(&home, &edge, &["sh", "-c", "exit 42"])
        .finish()
        .fails(42);
    assert_eq!(
        exec(&home, &edge, &["cat"])
            .input("through")
            .finish()
            .quiet(),
        "through"
    );
    let mut run = exec(&home, &edge, &["sh", "-c", "kill -TERM $$"]);
    assert_eq!(run.command.status().unwrap().signal(), Some(15));
}

#[test]
fn arguments_reach_the_command_as_they_are() {
    let (home, edge) = (Home::new(), edge());
    let arguments = [
        "printf",
        "%s|",
        "--client-secret",
        "x",
        "-v",
        "--",
        "a b",
        "",
    ];
    let out = exec(&home, &edge, &arguments).finish().quiet();
    assert_eq!(out, "--client-secret|x|-v|--|a b||");
}

#[test]
fn missing_command_has_the_status_of_shells() {
    let (home, edge) = (Home::new(), edge());
    let err = exec(&home, &edge, &["no-such-command-here"])
        .finish()
        .fails(127);
    assert!(err.contains("no-such-command-here"), "{err}");
    let file = home.write("no-program", "");
    let err = exec(&home, &edge, &[file.to_str().unwrap()])
        .finish()
        .fails(126);
    assert!(err.contains("no-program"), "{err}");
    exec(&home, &edge, &[]).finish().fails(2);
}

#[test]
fn command_is_not_run_without_a_token() {
    let (home, edge) = (Home::new(), edge());
    let run = exec(&home, &edge, &["touch", "made"]).env("SITECORE_CLIENT_SECRET", "wrong");
    run.finish().fails(4);
    assert!(!home.path.join("made").exists());
}
