//! Scripted responses of the two APIs.

use std::time::Duration;

use edge_oauth_local::{Fault, InvalidFault};
use serde_json::json;

use crate::peer::{Caller, NOW, form, get, good, header};

const SETTINGS: &str = "/api/admin/v1/settings";
const KEYS: &str = "/api/apikey/v1";

#[test]
fn both_apis_meet_them_in_order_and_then_all_is_normal() {
    let mut caller = Caller::new();
    let faults = [
        Fault::status(401),
        Fault::status(403).body(r#"{"message":"Token has expired"}"#),
        Fault::none(),
        Fault::status(429).header("retry-after", "7"),
        Fault::status(502)
            .header("content-type", "text/html")
            .body("<h1>later</h1>"),
    ];
    caller.edge.script_api(faults).unwrap();
    assert_eq!(caller.send("GET", SETTINGS).status(), 401);
    assert_eq!(caller.send("GET", KEYS).status(), 403);
    assert_eq!(caller.send("GET", SETTINGS).status(), 200);
    let answer = caller.send("GET", KEYS);
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "retry-after")),
        (429, "7")
    );
    let answer = caller.send("GET", SETTINGS);
    assert_eq!(header(&answer, "content-type"), "text/html");
    assert_eq!(answer.body(), b"<h1>later</h1>");
    assert_eq!(caller.send("GET", KEYS).status(), 200);
    assert_eq!(caller.edge.served().api_requests, 6);
}

#[test]
fn those_for_tokens_and_those_for_the_apis_keep_apart() {
    let mut caller = Caller::new();
    caller.edge.script([Fault::status(500)]).unwrap();
    caller.edge.script_api([Fault::status(503)]).unwrap();
    let keys = caller.edge.respond(&get("/.well-known/jwks.json"), NOW);
    assert_eq!(keys.response.status(), 200);
    assert_eq!(caller.send("GET", SETTINGS).status(), 503);
    assert_eq!(caller.send("GET", SETTINGS).status(), 200);
    let token = caller.edge.respond(&form(&good()), NOW);
    assert_eq!(token.response.status(), 500);
}

#[test]
fn with_a_status_nothing_is_done_and_without_one_everything() {
    let mut caller = Caller::new();
    let wanted = json!({ "Label": "l", "Scopes": ["s"] });
    let late = Duration::from_secs(1);
    caller
        .edge
        .script_api([Fault::status(500), Fault::delay(late).body("{")])
        .unwrap();
    assert_eq!(caller.send_json("POST", KEYS, &wanted).status(), 500);
    let request = caller.json_request("POST", KEYS, &wanted);
    let simulated = caller.edge.respond(&request, NOW);
    assert_eq!(
        (simulated.response.status().as_u16(), simulated.delay),
        (201, late)
    );
    assert_eq!(simulated.response.body(), b"{");
    let keys = crate::peer::json(&caller.send("GET", KEYS));
    assert_eq!(keys["totalCount"], 1);
}

#[test]
fn a_scripted_answer_runs_no_webhook() {
    let mut caller = Caller::new();
    let hook = json!({ "label": "l", "uri": "http://127.0.0.1:1" });
    caller.send_json("POST", "/api/admin/v1/webhooks", &hook);
    let faults = [Fault::status(202), Fault::none().body("done")];
    caller.edge.script_api(faults).unwrap();
    for deliveries in [0, 1] {
        let request = caller.request("DELETE", "/api/admin/v1/cache");
        let simulated = caller.edge.respond(&request.body(Vec::new()).unwrap(), NOW);
        assert_eq!(simulated.response.status(), 202);
        assert_eq!(simulated.deliveries.len(), deliveries);
    }
}

#[test]
fn an_impossible_fault_is_named_and_none_is_taken() {
    let mut caller = Caller::new();
    let faults = [Fault::status(500), Fault::status(42)];
    let refused = caller.edge.script_api(faults);
    assert_eq!(refused, Err(InvalidFault::Status));
    assert_eq!(caller.send("GET", SETTINGS).status(), 200);
}
