//! Printed values contain no secret.

use std::fmt::Debug;
use std::time::Duration;

use edge_oauth_local::{
    Client, ClientKind, DeliveryOutcome, Expired, Fault, LocalEdge, Options, Quota, Simulator,
};
use http::Response;
use serde_json::json;

use crate::peer::{BASE_URL, Caller, NOW, but, form, json};

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
    // A part of the private key, as a list of bytes.
    let piece = format!("{:?}", &key[40..60]);
    let piece = piece.trim_matches(['[', ']']);

    let client = Client::new("local-client", SECRET);
    let options = Options::default().client(client.clone());
    let options = options.signing_key(key, "mine").unwrap();
    let mut edge = Simulator::new(options.clone(), BASE_URL);
    let simulated = edge.respond(&form(&but("client_secret", SECRET)), NOW);
    let body = json(&simulated.response);
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
        &simulated,
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

#[test]
fn debug_prints_no_delivery_key_and_nothing_of_a_webhook_that_may_be_secret() {
    let seed = 0x5eed_5eed_5eed;
    let options = Options::default().seed(seed);
    let mut caller = Caller::with(options.clone());
    let wanted = json!({ "Label": "l", "Scopes": ["s"] });
    let request = caller.json_request("POST", "/api/apikey/v1", &wanted);
    let created = caller.edge.respond(&request, NOW);
    let key = std::str::from_utf8(created.response.body()).unwrap();

    for (mode, body) in [("OnEnd", "body"), ("OnUpdate", "bodyInclude")] {
        let webhook = json!({
            "label": "l",
            "uri": format!("http://127.0.0.1:1/{SECRET}"),
            "headers": { "X-Key": SECRET },
            body: json!({ "key": SECRET }).to_string(),
            "executionMode": mode,
        });
        caller.send_json("POST", "/api/admin/v1/webhooks", &webhook);
    }
    let request = caller.request("DELETE", "/api/admin/v1/cache");
    let simulated = caller.edge.respond(&request.body(Vec::new()).unwrap(), NOW);
    assert_eq!(simulated.deliveries.len(), 2);

    let hidden = [SECRET, key, &seed.to_string()];
    let outcome = DeliveryOutcome::NotConnected;
    for delivery in &simulated.deliveries {
        assert_silent(delivery, &hidden);
        assert_silent(&delivery.pending, &hidden);
        assert_silent(delivery.request.headers(), &hidden);
    }
    let printed: [&dyn Debug; 5] = [&options, &created, &simulated, &caller.edge, &outcome];
    for value in printed {
        assert_silent(value, &hidden);
    }
}

#[test]
fn a_refusal_repeats_nothing() {
    let mut caller = Caller::new();
    let unsound = json!({
        "label": "l",
        "uri": format!("http://{SECRET}.example/"),
        "headers": { SECRET: format!("{SECRET}\n") },
        "Scopes": [SECRET, 1],
        SECRET: SECRET,
    });
    let silent = |answer: Response<Vec<u8>>| {
        assert!(answer.status().is_client_error());
        let body = String::from_utf8(answer.into_body()).unwrap();
        assert!(!body.contains(SECRET), "{body}");
    };
    for (method, path) in [
        ("POST", "/api/admin/v1/webhooks"),
        ("PUT", "/api/admin/v1/settings"),
        ("POST", "/api/apikey/v1"),
        ("PATCH", "/api/admin/v1/settings"),
        ("POST", "/authoring/publishing/v1/jobs"),
    ] {
        silent(caller.send_json(method, path, &unsound));
    }
    for path in [
        format!("/api/apikey/v1/{SECRET}"),
        format!("/api/apikey/v1?pagesize={SECRET}"),
        format!("/api/admin/v1/webhooks/{SECRET}"),
        format!("/api/admin/v1/{SECRET}"),
        format!("/authoring/publishing/v1/jobs/{SECRET}"),
        format!("/authoring/publishing/v1/jobs?pageSize={SECRET}"),
        format!("/authoring/publishing/v1/jobs?system.queuedTime={SECRET}"),
    ] {
        silent(caller.send("GET", &path));
    }
}
