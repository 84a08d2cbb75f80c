//! A test that runs itself again in another process, with another environment.

use std::env;
use std::process::Command;

/// The names under which HTTP libraries look for a proxy.
pub(crate) const PROXIES: [&str; 6] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "all_proxy",
    "https_proxy",
    "http_proxy",
];

/// Whether a proxy of the environment could get between a test and its peer.
pub(crate) fn has_proxy() -> bool {
    PROXIES.iter().any(|name| env::var_os(name).is_some())
}

/// Whether this is that other process.
pub(crate) fn is_child() -> bool {
    env::var_os(CHILD).is_some()
}

/// Runs this one test of this test program again, with these proxy variables and no others.
pub(crate) fn in_child(test: &str, variables: &[(&str, String)]) {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([test, "--exact"]).env(CHILD, "1");
    for name in PROXIES.into_iter().chain(["NO_PROXY", "no_proxy"]) {
        command.env_remove(name);
    }
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let output = command.output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{test} in a process of its own:\n{shown}"
    );
    assert!(shown.contains("1 passed"), "{test} was not found:\n{shown}");
}

const CHILD: &str = "EDGE_OAUTH_CONFORMANCE_CHILD";
