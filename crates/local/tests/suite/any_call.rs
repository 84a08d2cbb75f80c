//! Every accepted request gets a response, and no request leaves the loopback.

use edge_oauth_local::{DeliveryOutcome, MAX_BODY};
use http::StatusCode;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};

use crate::peer::{Caller, NOW, json as read};

/// An object with members that the APIs know, with values of all kinds.
fn object() -> impl Strategy<Value = Value> {
    let name = select(vec![
        "label",
        "uri",
        "Method",
        "headers",
        "body",
        "bodyInclude",
        "executionMode",
        "disabled",
        "contentCacheTtl",
        "Scopes",
        "newName",
        "name",
        "source",
        "options",
        "x",
    ]);
    let value = select(vec![
        json!(null),
        json!(true),
        json!(-1e300),
        json!(""),
        json!("GET"),
        json!("OnUpdate"),
        json!("https://[::1"),
        json!("http://localhost:1/{}"),
        json!("9.9:9:9"),
        json!(["a", 1]),
        json!({ "\u{0}": "\u{0}" }),
        json!({ "a": "b" }),
    ]);
    vec((name, value), 0..6).prop_map(|members| {
        let members = members.into_iter();
        let members: Map<_, _> = members.map(|(n, v)| (n.to_owned(), v)).collect();
        Value::Object(members)
    })
}

fn sound() -> impl Strategy<Value = Value> {
    select(vec![
        json!({ "label": "l", "uri": "http://127.0.0.1:1", "scopes": ["s"], "newName": "n" }),
        json!({ "label": "l", "uri": "https://example.com", "executionMode": "OnUpdate" }),
        json!([{ "op": "replace", "path": "/contentcachettl", "value": "1.00:00:00" }]),
        json!([{ "op": "replace", "path": "/x", "value": [] }, 1]),
        json!({ "name": "n", "source": "s", "options": { "xmc": { "locales": ["en"], "site": { "mode": "Smart" } } } }),
        json!({ "name": "n", "source": "s", "options": { "items": [{ "id": "7", "type": "Item", "locale": "*" }], "xmc": { "items": { "mode": "Smart" } } } }),
    ])
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => object().prop_map(|body| body.to_string().into_bytes()),
        3 => sound().prop_map(|body| body.to_string().into_bytes()),
        1 => vec(any::<u8>(), 0..40),
        1 => Just("[".repeat(10_000).into_bytes()),
        1 => Just(vec![b' '; MAX_BODY + 1]),
    ]
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "/api/admin/v1/(settings|webhooks)",
        1 => "/api/admin/v1/(cache|content)",
        1 => "/api/admin/v1/webhooks/[!-~]{0,9}",
        1 => "/api/apikey/v1(/(token|re(name|voke)by(hash|token)))?(/[0-9a-f]{0,9})?",
        1 => "/api/apikey/v1\\?(pagesize|PageNumber|scopes|filterRevoked|label)=[!-~]{0,9}",
        1 => "/api/(admin|apikey)/v1/[!-~]{0,30}",
        2 => "/authoring/publishing/v1/jobs(/(summary|filters|permissions|job_7)(/cancel)?)?",
        1 => "/authoring/publishing/v1/jobs\\?(pageSize|pageNumber|continuationToken|system.queuedTime)=[!-~]{0,9}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_call_has_an_answer(
        calls in vec((select(METHODS), path(), select(MEDIA_TYPES), body()), 1..12),
    ) {
        let mut caller = Caller::new();
        for (method, path, media_type, body) in calls {
            let request = caller.request(method, &path);
            let request = request.header("content-type", media_type).header("x-gql-token", "k");
            let Ok(request) = request.body(body) else {
                continue;
            };
            let simulated = caller.edge.respond(&request, NOW);
            let status = simulated.response.status().as_u16();
            prop_assert!([200, 201, 202, 204, 400, 404, 405, 413, 415].contains(&status));
            for delivery in simulated.deliveries {
                let host = delivery.request.uri().host();
                prop_assert!(matches!(host, Some("127.0.0.1" | "localhost")));
                prop_assert_eq!(delivery.request.uri().scheme_str(), Some("http"));
                let outcome = DeliveryOutcome::Responded(StatusCode::NOT_FOUND);
                caller.edge.record_delivery(delivery.pending, outcome, NOW);
            }
        }
        // The state is still valid.
        let settings = read(&caller.send("GET", "/api/admin/v1/settings"));
        prop_assert!(settings["contentCacheTtl"].is_string());
        let webhooks = read(&caller.send("GET", "/api/admin/v1/webhooks"));
        prop_assert!(webhooks.is_array());
        let jobs = read(&caller.send("GET", "/authoring/publishing/v1/jobs"));
        prop_assert!(jobs["totalCount"].is_u64());
        let keys = read(&caller.send("GET", "/api/apikey/v1"));
        prop_assert!(keys["totalCount"].is_u64());
    }
}

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
const MEDIA_TYPES: &[&str] = &[
    "application/json",
    "application/json-patch+json",
    "text/plain",
];
