//! Operations that require a scope of the token.

use edge_oauth_local::{Client, Options};
use http::Response;
use serde_json::json;

use crate::peer::{Caller, header, json};

const CLEAR: &str = "edge.content:clearall";
const CREATE: &str = "edge.tokens:create";

fn caller(scopes: &[&str]) -> Caller {
    let client = Client::default().scopes(scopes.iter().copied());
    Caller::with(Options::default().client(client))
}

fn clear(caller: &mut Caller) -> Response<Vec<u8>> {
    caller.send("DELETE", "/api/admin/v1/content")
}

fn create(caller: &mut Caller) -> Response<Vec<u8>> {
    let body = json!({ "Label": "l", "Scopes": ["s"] });
    caller.send_json("POST", "/api/apikey/v1", &body)
}

fn assert_lacks(answer: &Response<Vec<u8>>, scope: &str) {
    assert_eq!(answer.status(), 403);
    let message = json(answer)["message"].as_str().unwrap().to_owned();
    assert!(message.contains(scope), "{message}");
    // `invalid_token` would mean that a new token helps.
    assert!(!message.to_lowercase().contains("token has expired"));
    let challenge = header(answer, "www-authenticate");
    assert!(challenge.contains("error=\"insufficient_scope\""));
}

#[test]
fn each_operation_wants_its_own() {
    let mut caller = caller(&["other", CLEAR]);
    assert_eq!(clear(&mut caller).status(), 202);
    assert_lacks(&create(&mut caller), CREATE);

    let mut caller = self::caller(&[CREATE]);
    assert_eq!(create(&mut caller).status(), 201);
    assert_lacks(&clear(&mut caller), CLEAR);
}

#[test]
fn a_scope_is_compared_as_a_whole() {
    let mut caller = caller(&[
        "edge.content:clearall2",
        "edge.content",
        "Edge.Content:ClearAll",
    ]);
    assert_lacks(&clear(&mut caller), CLEAR);
}

#[test]
fn what_was_refused_was_not_done() {
    let mut caller = caller(&["other"]);
    assert_lacks(&clear(&mut caller), CLEAR);
    assert_lacks(&create(&mut caller), CREATE);
    let keys = json(&caller.send("GET", "/api/apikey/v1"));
    assert_eq!(keys["totalCount"], 0);
}

#[test]
fn other_operations_want_none() {
    let mut caller = caller(&["other"]);
    assert_eq!(caller.send("DELETE", "/api/admin/v1/cache").status(), 202);
    assert_eq!(caller.send("GET", "/api/admin/v1/webhooks").status(), 200);
    assert_eq!(caller.send("GET", "/api/apikey/v1").status(), 200);
}

#[test]
fn a_token_without_any_scope_may_do_everything() {
    let mut caller = caller(&[]);
    assert_eq!(clear(&mut caller).status(), 202);
    assert_eq!(create(&mut caller).status(), 201);
}
