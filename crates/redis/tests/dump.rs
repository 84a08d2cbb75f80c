//! A copy of all that a server stores: the file of a snapshot, and the dump of each key.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use edge_oauth_conformance::Planted;
use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::testing::ScriptedTransport;
use edge_oauth_no_io::{Config, Secret};
use edge_oauth_redis::RedisStore;

use common::Server;

const SECRET: &str = "4pl4ntedSecret7QxT";
const CLIENT_ID: &str = "4pl4ntedClientId9k";
const TOKEN: &str = "4pl4ntedToken5VwZc2";
const SCOPE: &str = "4pl4ntedScope8RmN3d";
const DESCRIPTION: &str = "4pl4ntedDescription6";

fn config(name: &str) -> Config {
    Config::builder("https://4pl4ntedhost1bGh.example/token", CLIENT_ID)
        .client_secret(Secret::new(SECRET))
        .audience(name)
        .build()
        .unwrap()
}

// fault: dump-or-monitor-of-the-store
#[test]
fn snapshot_and_dumps_contain_no_token_secret_or_client_id() {
    let Some(server) = Server::start() else {
        return;
    };
    // A compressed text would not be found.
    let _: () = server.run("CONFIG SET rdbcompression no");
    let source = |name, status: u16, body: String| {
        let store = RedisStore::new(server.client()).unwrap();
        let transport = ScriptedTransport::new(move |_| {
            let mut response = http::Response::new(body.clone().into_bytes());
            *response.status_mut() = status.try_into().unwrap();
            Ok(response)
        });
        let source = TokenSource::builder(config(name)).store(store);
        source.unwrap().build(transport)
    };
    let body = format!(r#"{{"access_token":"{TOKEN}","expires_in":900,"scope":"{SCOPE}"}}"#);
    let served = source("https://4pl4ntedaudience3.example", 200, body);
    assert_eq!(served.token().unwrap().expose(), TOKEN);
    let body = format!(r#"{{"error":"invalid_client","error_description":"{DESCRIPTION}"}}"#);
    let refused = source("https://4pl4ntedaudience4.example", 401, body);
    assert!(refused.token().is_err());

    let names: Vec<String> = server.run("KEYS *");
    assert_eq!(names.len(), 2, "a token and an error response");
    let _: () = server.run("SAVE");
    let snapshot = server.read("dump.rdb");
    let names_in_it = |name: &String| {
        let mut parts = snapshot.windows(name.len());
        parts.any(|part| part == name.as_bytes())
    };
    assert!(names.iter().all(names_in_it), "the snapshot is readable");

    let mut copies = vec![snapshot.clone()];
    copies.extend(
        names
            .iter()
            .map(|name| server.run::<Vec<u8>>(&format!("DUMP {name}"))),
    );
    let mut planted = Planted::new();
    for (name, secret) in [
        ("the secret", SECRET),
        ("the client id", CLIENT_ID),
        ("the token", TOKEN),
        ("the scope", SCOPE),
        ("the description", DESCRIPTION),
        ("the host", "4pl4ntedhost1bGh"),
        ("an audience", "4pl4ntedaudience3"),
        ("an audience", "4pl4ntedaudience4"),
    ] {
        planted.plant(name, secret);
    }
    for copy in copies {
        planted.assert_not_in(&String::from_utf8_lossy(&copy));
    }
}
