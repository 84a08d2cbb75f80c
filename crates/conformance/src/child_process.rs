//! Runs a test again in a child process with another environment.

use std::env;
use std::process::Command;

/// The environment variables from which HTTP libraries read a proxy.
pub(crate) const PROXIES: [&str; 6] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "all_proxy",
    "https_proxy",
    "http_proxy",
];

/// Returns whether the environment names a proxy.
pub(crate) fn has_proxy() -> bool {
    PROXIES.iter().any(|name| env::var_os(name).is_some())
}

/// Returns whether this process is the child.
pub(crate) fn is_child() -> bool {
    env::var_os(CHILD).is_some()
}

/// Runs this test of this test program in a child process, with only these proxy variables.
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
        "{test} failed in its child process:\n{shown}"
    );
    assert!(shown.contains("1 passed"), "{test} was not found:\n{shown}");
}

const CHILD: &str = "EDGE_OAUTH_CONFORMANCE_CHILD";
