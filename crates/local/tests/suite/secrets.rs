//! Nothing that is printed gives a secret away.

use std::fmt::Debug;
use std::time::Duration;

use edge_oauth_local::{Client, ClientKind, Edge, Expired, Fault, LocalEdge, Options, Quota};

use crate::peer::{BASE_URL, NOW, but, form, json};

const SECRET: &str = "planted-secret";
const PLANTED_TOKEN: &str = "planted-token";

fn assert_silent(value: &dyn Debug, secrets: &[&str]) {
    for printed in [format!("{value:?}"), format!("{value:#?}")] {
        for secret in secrets {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}

#[test]
fn debug_prints_no_secret_no_token_and_no_key() {
    let key = include_bytes!("../../src/development-key.p8");
    // A piece of the private key, as bytes are printed.
    let piece = format!("{:?}", &key[40..60]);
    let piece = piece.trim_matches(['[', ']']);

    let client = Client::new("local-client", SECRET);
    let options = Options::default().client(client.clone());
    let options = options.signing_key(key, "mine").unwrap();
    let mut edge = Edge::new(options.clone(), BASE_URL);
    let reply = edge.respond(&form(&but("client_secret", SECRET)), NOW);
    let body = json(&reply.response);
    let token = body["access_token"].as_str().unwrap();
    let fault = Fault::none()
        .header("location", format!("https://a.invalid/?{PLANTED_TOKEN}"))
        .body(PLANTED_TOKEN);
    edge.script([fault.clone()]).unwrap();
    let local = LocalEdge::start_with(options.clone()).unwrap();
    local.script([fault.clone()]).unwrap();
    let hold = local.hold();
    let invalid = Options::default().signing_key(&key[..900], "mine");
    let impossible = Fault::none().header(PLANTED_TOKEN, "\n");
    let refused = edge.script([impossible.clone()]).unwrap_err();

    let printed: [&dyn Debug; 15] = [
        &client,
        &ClientKind::default(),
        &options,
        &edge,
        &reply,
        &fault,
        &impossible,
        &refused,
        &local,
        &local.served(),
        &hold,
        &invalid.unwrap_err(),
        &Expired::default(),
        &Quota::PerDay(1),
        &Options::default().rate_limit(1, Duration::ZERO),
    ];
    let default_secret = edge_oauth_local::DEFAULT_CLIENT_SECRET;
    for value in printed {
        assert_silent(
            value,
            &[SECRET, PLANTED_TOKEN, token, piece, default_secret],
        );
    }
}
