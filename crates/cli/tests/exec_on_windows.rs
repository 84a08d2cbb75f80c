//! `edge-oauth exec` on Windows, which has no `exec` and runs scripts by their extension.

#![cfg(windows)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

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

#[test]
fn missing_command_ends_with_127() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let ended = home
        .run(["exec", "--", "no-such-command"])
        .edge(&edge)
        .finish();
    assert_eq!(ended.status, 127, "{ended:?}");
}
