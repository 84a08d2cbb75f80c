//! The proxy of the environment, in a process of its own for each environment.

use std::env;
use std::process::Command;

use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::TransportErrorKind as Kind;

use crate::peer::{Once, Sink, config, config_at, fetch, kind, transport};

/// Set in the processes that these tests start.
const INSIDE: &str = "EDGE_OAUTH_TEST_INSIDE";

// fault: proxy-of-the-environment
#[test]
fn the_loopback_is_reached_without_a_proxy() {
    if env::var_os(INSIDE).is_some() {
        let edge = LocalEdge::start().unwrap();
        fetch(&transport(), &config(&edge)).unwrap();
        return;
    }
    let sink = Sink::new();
    again(
        "environment::the_loopback_is_reached_without_a_proxy",
        &sink.url(),
    );
    assert!(sink.saw_nothing());
}

// fault: proxy-of-the-environment, proxy-wants-a-password
#[test]
fn https_goes_through_the_proxy() {
    if env::var_os(INSIDE).is_some() {
        let config = config_at("https://server.invalid/token");
        assert_eq!(kind(&transport(), &config), Kind::Proxy);
        return;
    }
    let proxy = Once::answering("HTTP/1.1 407 x\r\n\r\n");
    let url = format!("http://{}", proxy.address);
    again("environment::https_goes_through_the_proxy", &url);
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
