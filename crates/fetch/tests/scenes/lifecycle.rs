//! The life of a token in an engine.

use std::time::Duration;

use edge_oauth_local::{Fault, LocalEdge};
use serde_json::{Value, json};

use crate::scenes::stage::{Stage, client, merged};

pub(crate) fn play(stage: &Stage) {
    token_is_requested_once_and_serves_api_calls(stage);
    refresh_and_rejection_replace_the_token(stage);
    concurrent_callers_share_one_request_and_survive_the_one_that_leaves(stage);
    try_token_starts_a_request_that_settles(stage);
    errors_of_the_server_keep_their_meaning(stage);
    basic_authentication_and_fetch_get_a_token(stage);
}

fn settings(edge: &LocalEdge) -> String {
    format!("{}/api/admin/v1/settings", edge.base_url())
}

fn counts(edge: &LocalEdge) -> (u64, u64) {
    let served = edge.served();
    (served.token_requests, served.api_requests)
}

fn token_is_requested_once_and_serves_api_calls(stage: &Stage) {
    let edge = stage.edge();
    stage.source("calls", &edge, json!({}));
    let token = stage.run("token", json!({ "source": "calls" }));
    assert!(token["token"].is_string(), "{token}");
    assert_eq!(stage.run("token", json!({ "source": "calls" })), token);
    let sent = stage.run("send", json!({ "source": "calls", "url": settings(&edge) }));
    assert_eq!(sent["status"], 200, "{sent}");
    assert!(sent["headers"]["date"].is_string(), "{sent}");
    let called = stage.run(
        "settings",
        json!({ "source": "calls", "url": edge.base_url() }),
    );
    assert_eq!(called["settings"], true, "{called}");
    assert_eq!(counts(&edge), (1, 2));
}

fn refresh_and_rejection_replace_the_token(stage: &Stage) {
    let edge = stage.edge();
    stage.source("replaced", &edge, json!({}));
    let first = stage.run("token", json!({ "source": "replaced" }));
    let second = stage.run("refresh", json!({ "source": "replaced" }));
    assert!(second["token"].is_string() && second != first, "{second}");
    assert_eq!(counts(&edge), (2, 0));
    edge.advance(Duration::from_secs(2 * 86_400));
    let sent = stage.run(
        "send",
        json!({ "source": "replaced", "url": settings(&edge) }),
    );
    assert_eq!(sent["status"], 200, "{sent}");
    assert_eq!(counts(&edge), (3, 2));
}

fn concurrent_callers_share_one_request_and_survive_the_one_that_leaves(stage: &Stage) {
    let edge = stage.edge();
    stage.source("shared", &edge, json!({}));
    let hold = edge.hold();
    let leader = stage.start(
        "token",
        json!({ "source": "shared", "cancelled_by": "leader" }),
    );
    edge.wait_for_token_requests(1);
    let callers: Vec<_> = (0..20)
        .map(|_| stage.start("token", json!({ "source": "shared" })))
        .collect();
    stage.run("cancel", json!({ "name": "leader" }));
    assert_eq!(leader.wait()["cancelled"], true);
    drop(hold);
    let tokens: Vec<_> = callers
        .into_iter()
        .map(|caller| stage.checked(caller.wait()))
        .collect();
    assert!(
        tokens
            .iter()
            .all(|token| token["token"].is_string() && token == &tokens[0])
    );
    assert_eq!(counts(&edge), (1, 0));
}

fn try_token_starts_a_request_that_settles(stage: &Stage) {
    let edge = stage.edge();
    stage.source("tried", &edge, json!({}));
    assert_eq!(
        stage.run("try", json!({ "source": "tried" }))["token"],
        Value::Null
    );
    assert_eq!(
        stage.run("settle", json!({ "source": "tried" }))["settled"],
        true
    );
    assert!(stage.run("try", json!({ "source": "tried" }))["token"].is_string());
    assert_eq!(counts(&edge), (1, 0));
}

fn errors_of_the_server_keep_their_meaning(stage: &Stage) {
    let edge = stage.edge();
    edge.script([Fault::status(503), Fault::status(503)])
        .unwrap();
    stage.source("busy", &edge, json!({}));
    assert!(stage.run("token", json!({ "source": "busy" }))["token"].is_string());
    assert_eq!(counts(&edge), (3, 0));

    // If the page could not read the header, the source would try again within its time.
    edge.script([Fault::status(429).header("retry-after", "3600")])
        .unwrap();
    stage.source("limited", &edge, json!({}));
    let limited = stage.run("token", json!({ "source": "limited" }));
    assert_eq!(
        (&limited["status"], &limited["culprit"]),
        (&json!(429), &json!("Server")),
        "{limited}"
    );
    assert_eq!(counts(&edge), (4, 0));

    stage.source("wrong", &edge, json!({ "client_secret": "not-the-secret" }));
    let wrong = stage.run("token", json!({ "source": "wrong" }));
    assert_eq!(
        (&wrong["status"], &wrong["transient"]),
        (&json!(401), &json!(false)),
        "{wrong}"
    );
    assert_eq!(counts(&edge), (5, 0));
}

fn basic_authentication_and_fetch_get_a_token(stage: &Stage) {
    let edge = stage.edge();
    stage.source("basic", &edge, json!({ "basic": true }));
    let token = stage.run("token", json!({ "source": "basic" }));
    assert!(token["token"].is_string(), "{token}");
    let token = stage.run("fetch", client(&edge));
    assert!(token["token"].is_string(), "{token}");
    let wrong = stage.run(
        "fetch",
        merged(client(&edge), json!({ "client_secret": "not-the-secret" })),
    );
    assert_eq!(wrong["status"], 401, "{wrong}");
    assert_eq!(counts(&edge), (3, 0));
}
