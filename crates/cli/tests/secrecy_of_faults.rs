//! Whatever goes wrong on the wire, at the most talkative level: no secret, no token and no Delivery key is
//! printed, in whatever spelling.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::thread;

use common::Home;
use edge_oauth_conformance::{FaultyServer, Planted, TOKEN_OF_FAULTS, WIRE_FAULTS, WireFault};
use edge_oauth_local::{Client, LocalEdge, Options};

const SECRET: &str = r#"n0such1secret2anywhere /+%="\"#;
const KEY: &str = "n0such1key2anywhere/+=";

/// Runs it for every fault, by http and by https, some of them at one time.
fn for_each_fault(run: impl Fn(&WireFault, &str) + Sync, server: &FaultyServer) {
    let run = &run;
    for faults in WIRE_FAULTS.chunks(8) {
        thread::scope(|scope| {
            for fault in faults {
                for url in server.urls(fault) {
                    scope.spawn(move || run(fault, &url));
                }
            }
        });
    }
}

// L11
#[test]
fn no_answer_of_a_token_endpoint_makes_it_tell() {
    let server = FaultyServer::start();
    let home = Home::new();
    let ca = home.write("ca.pem", server.ca_pem());
    let planted = Planted::new()
        .with("the client secret", SECRET)
        .with("the token", TOKEN_OF_FAULTS);
    let kinds = [
        &["token"][..],
        &["token", "--client-auth", "basic"],
        &["token", "--client-auth", "basic-plus"],
        &["token", "--body", "json"],
        &["doctor", "-o", "json"],
    ];
    for kind in kinds {
        let run = |fault: &WireFault, url: &str| {
            let flags = ["-vvv", "--no-cache", "--timeout", "1s", "--cacert"];
            let ended = home
                .run([kind, &flags].concat())
                .args([&ca])
                .env("RUST_LOG", "trace")
                .env("RUST_BACKTRACE", "1")
                .env("SITECORE_AUTH_URL", url)
                .env("SITECORE_CLIENT_ID", "my-client")
                .env("SITECORE_CLIENT_SECRET", SECRET)
                .finish();
            assert_ne!(ended.status, 0, "{fault:?}: {ended:?}");
            assert!(ended.err.contains("ureq"), "the libraries are heard");
            planted.assert_not_in(&format!("{}{}", ended.out, ended.err));
        };
        for_each_fault(run, &server);
    }
}

// L11
#[test]
fn no_answer_of_an_api_makes_it_tell() {
    let server = FaultyServer::start();
    let options = Options::default().client(Client::new("i", SECRET));
    let edge = LocalEdge::start_with(options).unwrap();
    let home = Home::new();
    let ca = home.write("ca.pem", server.ca_pem());
    let token = home.run(["token"]).edge(&edge).finish().quiet();
    let planted = Planted::new()
        .with("the client secret", SECRET)
        // Whichever it is by then: one that is refused is replaced.
        .with("the token", token.split('.').next().unwrap())
        .with("the Delivery key", KEY)
        .with("the token of the answer", TOKEN_OF_FAULTS);
    let get = ["keys", "get", "--key-file", "-", "-vvv", "--timeout", "1s"];
    let run = |fault: &WireFault, url: &str| {
        let ended = home
            .run(get)
            .args(["--cacert".as_ref(), ca.as_os_str()])
            .edge(&edge)
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "1")
            .env("SITECORE_EDGE_URL", url)
            .input(KEY)
            .finish();
        assert_ne!(ended.status, 0, "{fault:?}: {ended:?}");
        assert!(ended.err.contains("ureq"), "the libraries are heard");
        planted.assert_not_in(&format!("{}{}", ended.out, ended.err));
    };
    for_each_fault(run, &server);
}
