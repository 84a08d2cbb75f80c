//! `edge-oauth exec` on Windows, which has no `exec` and runs scripts by their extension.

#![cfg(windows)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::Home;
use edge_oauth_local::LocalEdge;

// fault: script-of-windows-by-its-name
#[test]
fn script_is_found_by_its_name_and_its_status_is_passed_on() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let script =
        "@echo off\r\necho %1 %EDGE_OAUTH_TOKEN%[%SITECORE_CLIENT_SECRET%]> got\r\nexit /b 300\r\n";
    home.write("bin/deploy.cmd", script);
    let bin = home.path.join("bin");
    for name in ["deploy", "deploy.cmd", "./bin/deploy"] {
        let run = home.run(["exec", "--", name, "site"]).edge(&edge);
        let ended = run.env("PATH", &bin).finish();
        assert_eq!(
            (ended.status, ended.err.as_str()),
            (300, ""),
            "{name}: {ended:?}"
        );
        let got = std::fs::read_to_string(home.path.join("got")).unwrap();
        assert!(
            got.starts_with("site ey") && got.trim_end().ends_with("[]"),
            "{name}"
        );
    }
}

// fault: command-outlives-a-killed-program
#[test]
fn command_ends_if_the_program_is_killed() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    home.write("wait.cmd", "@echo begun\r\n@set /p line=\r\n");
    let mut run = home.run(["exec", "--", "./wait.cmd"]).edge(&edge);
    let command = run.command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut program = command.spawn().unwrap();
    // As long as this end is open, the script waits.
    let stdin = program.stdin.take().unwrap();
    let mut stdout = BufReader::new(program.stdout.take().unwrap());
    let mut begun = String::new();
    stdout.read_line(&mut begun).unwrap();
    assert_eq!(begun.trim_end(), "begun");
    program.kill().unwrap();
    program.wait().unwrap();
    // The output ends with the last process that has it.
    let (end, ended) = mpsc::channel();
    thread::spawn(move || end.send(stdout.read_to_string(&mut begun)));
    let ended = ended.recv_timeout(Duration::from_secs(60));
    assert!(ended.is_ok(), "the command outlives the program");
    drop(stdin);
}

// fault: command-outlives-a-killed-program
/// The job ends with this run, and must not end the run itself.
#[test]
fn missing_command_ends_with_127() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let ended = home
        .run(["exec", "--", "no-such-command"])
        .edge(&edge)
        .finish();
    assert_eq!(ended.status, 127, "{ended:?}");
}
