//! Network faults at the highest verbosity: secrets, tokens and Delivery keys are not printed, in any encoding.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::Mutex;
use std::thread;

use common::{Ended, Home};
use edge_oauth_conformance::{FaultyServer, Planted, WIRE_FAULTS, WireFault};
use edge_oauth_local::{Client, LocalEdge, Options};

const SECRET: &str = r#"n0such1secret2anywhere /+%="\"#;
const KEY: &str = "n0such1key2anywhere/+=";

/// Runs it for every fault, over http and https, several at a time. A run that times out before its fault is repeated
/// with more time.
fn for_each_fault(run: impl Fn(&WireFault, &str, &str) + Sync, server: &FaultyServer) {
    let until_played = |fault: &WireFault, url: &str| {
        let played = server.played(fault);
        for seconds in [1, 4, 16] {
            run(fault, url, &format!("{seconds}s"));
            if server.played(fault) > played {
                return;
            }
        }
        panic!("{fault:?} is not played");
    };
    // Most of the time passes in waits, the longest in those that end by the timeout.
    let (ending, waiting): (Vec<_>, Vec<_>) = WIRE_FAULTS.iter().partition(|fault| fault.ends());
    let next = Mutex::new(waiting.into_iter().chain(ending));
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while let Some(fault) = { next.lock().unwrap().next() } {
                    // In turn, since both count as played.
                    for url in server.urls(fault) {
                        until_played(fault, &url);
                    }
                }
            });
        }
    });
    for fault in WIRE_FAULTS {
        assert!(server.played(fault) >= 2, "{fault:?} is played twice");
    }
}

fn fails_and_tells_nothing(ended: &Ended, fault: &WireFault, planted: &Planted) {
    assert_ne!(ended.status, 0, "{fault:?}: {ended:?}");
    assert!(
        ended.err.contains(" ureq::run: "),
        "the libraries are heard"
    );
    planted.assert_not_in(&format!("{}{}", ended.out, ended.err));
}

// fault: most-verbose-logs
#[test]
fn faulty_response_of_a_token_endpoint_reveals_no_secret() {
    let server = FaultyServer::start();
    let home = Home::new();
    let ca = home.write("ca.pem", server.ca_pem());
    let planted = Planted::new()
        .with("the client secret", SECRET)
        .with("the token", WireFault::TOKEN);
    let kinds = [
        &["token"][..],
        &["token", "--client-auth", "basic"],
        &["token", "--client-auth", "basic-plus"],
        &["token", "--body", "json"],
        &["doctor", "-o", "json"],
        &["whoami", "-o", "json"],
    ];
    for kind in kinds {
        let run = |fault: &WireFault, url: &str, time: &str| {
            let flags = ["-vvv", "--no-cache", "--timeout", time, "--cacert"];
            let ended = home
                .run([kind, &flags].concat())
                .args([&ca])
                .talkative()
                .env("SITECORE_AUTH_URL", url)
                .env("SITECORE_CLIENT_ID", "my-client")
                .env("SITECORE_CLIENT_SECRET", SECRET)
                .finish();
            fails_and_tells_nothing(&ended, fault, &planted);
        };
        for_each_fault(run, &server);
    }
}

// fault: most-verbose-logs
#[test]
fn faulty_response_of_an_api_reveals_no_secret() {
    let server = FaultyServer::start();
    let options = Options::default().client(Client::new("i", SECRET));
    let edge = LocalEdge::start_with(options).unwrap();
    let home = Home::new();
    let ca = home.write("ca.pem", server.ca_pem());
    let token = home.run(["token"]).edge(&edge).finish().quiet();
    let planted = Planted::new()
        .with("the client secret", SECRET)
        // The start that all tokens have in common, since a rejected token is replaced.
        .with("the token", token.split('.').next().unwrap())
        .with("the Delivery key", KEY)
        .with("the token of the answer", WireFault::TOKEN);
    let commands = [
        &["keys", "get", "--key-file", "-", "-vvv", "--timeout"][..],
        &["publish", "all", "--locale", "en", "-vvv", "--timeout"],
    ];
    let run = |command: &[&str], fault: &WireFault, url: &str, time: &str| {
        let ended = home
            .run(command)
            .args([time, "--cacert"])
            .args([&ca])
            .edge(&edge)
            .talkative()
            .env("SITECORE_EDGE_URL", url)
            .input(KEY)
            .finish();
        fails_and_tells_nothing(&ended, fault, &planted);
    };
    for command in commands {
        for_each_fault(|fault, url, time| run(command, fault, url, time), &server);
    }
}

// fault: most-verbose-logs
#[test]
fn faulty_response_to_any_call_reveals_no_secret() {
    let server = FaultyServer::start();
    let options = Options::default().client(Client::new("i", SECRET));
    let edge = LocalEdge::start_with(options).unwrap();
    let home = Home::new();
    let ca = home.write("ca.pem", server.ca_pem());
    let token = home.run(["token"]).edge(&edge).finish().quiet();
    let credentials = || {
        let planted = Planted::new().with("the client secret", SECRET);
        planted.with("the token", token.split('.').next().unwrap())
    };
    let (planted, of_messages) = (credentials(), credentials().with("the body", KEY));
    let call = [
        "api",
        "POST",
        "/x",
        "--input",
        "-",
        "--include",
        "-vvv",
        "--timeout",
    ];
    let run = |fault: &WireFault, url: &str, time: &str| {
        let ended = home
            .run(call)
            .args([time, "--cacert"])
            .args([&ca])
            .edge(&edge)
            .talkative()
            .env("SITECORE_EDGE_URL", url)
            .input(KEY)
            .finish();
        assert!(ended.err.contains(" ureq::run: "), "{fault:?}: {ended:?}");
        // A service that repeats the body has it printed as its response.
        planted.assert_not_in(&ended.out);
        of_messages.assert_not_in(&ended.err);
    };
    for_each_fault(run, &server);
}
