//! The proxy of the environment, in a child process for each environment.

use std::env;
use std::process::Command;

use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::TransportErrorKind as Kind;

use crate::server::{Once, Sink, config, config_at, fetch, kind, transport};

/// Set in the child processes of these tests.
const INSIDE: &str = "EDGE_OAUTH_TEST_INSIDE";

// fault: proxy-of-the-environment
#[test]
fn loopback_endpoint_bypasses_the_proxy() {
    if env::var_os(INSIDE).is_some() {
        let edge = LocalEdge::start().unwrap();
        fetch(&transport(), &config(&edge)).unwrap();
        return;
    }
    let sink = Sink::new();
    again(
        "environment::loopback_endpoint_bypasses_the_proxy",
        &sink.url(),
    );
    assert!(sink.received_no_connection());
}

// fault: proxy-of-the-environment, proxy-wants-a-password
#[test]
fn https_endpoint_goes_through_the_proxy() {
    if env::var_os(INSIDE).is_some() {
        let config = config_at("https://server.invalid/token");
        assert_eq!(kind(&transport(), &config), Kind::Proxy);
        return;
    }
    let proxy = Once::responding("HTTP/1.1 407 x\r\n\r\n");
    let url = format!("http://{}", proxy.address);
    again("environment::https_endpoint_goes_through_the_proxy", &url);
    assert!(proxy.request().starts_with("connect server.invalid:443 "));
}

fn again(test: &str, proxy: &str) {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test]).env(INSIDE, "1");
    for name in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
        command.env_remove(name);
    }
    for name in ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY"] {
        command.env(name, proxy);
        command.env(name.to_ascii_lowercase(), proxy);
    }
    let output = command.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("1 passed"), "{printed}");
}
