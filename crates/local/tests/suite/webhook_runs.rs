//! The runs of webhooks: their causes, their requests and their effects.

use std::time::Duration;

use edge_oauth_local::{Delivery, DeliveryOutcome, PendingDelivery};
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::peer::{Caller, NOW, header, json};

const PATH: &str = "/api/admin/v1/webhooks";
const OK: DeliveryOutcome = DeliveryOutcome::Responded(StatusCode::OK);
const REFUSED: DeliveryOutcome = DeliveryOutcome::NotConnected;

fn create(caller: &mut Caller, body: &Value) -> String {
    let answer = caller.send_json("POST", PATH, body);
    assert_eq!(answer.status(), 201);
    json(&answer)["id"].as_str().unwrap().to_owned()
}

fn get(caller: &mut Caller, id: &str) -> Value {
    json(&caller.send("GET", &format!("{PATH}/{id}")))
}

fn clear(caller: &mut Caller, what: &str) -> Vec<Delivery> {
    let request = caller.request("DELETE", &format!("/api/admin/v1/{what}"));
    let simulated = caller.edge.respond(&request.body(Vec::new()).unwrap(), NOW);
    assert_eq!(simulated.response.status(), 202);
    assert!(simulated.response.body().is_empty());
    simulated.deliveries
}

/// A run of the only webhook.
fn start_run(caller: &mut Caller) -> PendingDelivery {
    clear(caller, "cache").remove(0).pending
}

fn run(caller: &mut Caller, outcome: DeliveryOutcome) {
    let pending = start_run(caller);
    caller.edge.record_delivery(pending, outcome, NOW);
}

fn local() -> Value {
    json!({ "label": "l", "uri": "http://127.0.0.1:1/hook?a=b", "headers": { "X-Key": "k" } })
}

fn on_update(include: &Value) -> Value {
    let mut body = local();
    body["executionMode"] = json!("OnUpdate");
    body["bodyInclude"] = include.clone();
    body
}

fn value<'a>(request: &'a Request<Vec<u8>>, name: &str) -> &'a str {
    let value = request.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

fn payload(delivery: &Delivery) -> Value {
    assert_eq!(delivery.request.method(), "POST");
    assert_eq!(value(&delivery.request, "content-type"), "application/json");
    serde_json::from_slice(delivery.request.body()).unwrap()
}

#[test]
fn on_end_sends_what_was_written() {
    let mut caller = Caller::new();
    let mut post = local();
    post["body"] = json!("rebuild=1");
    post["headers"]["Content-Type"] = json!("application/x-www-form-urlencoded");
    let mut get = local();
    get["method"] = json!("GET");
    let ids = [create(&mut caller, &post), create(&mut caller, &get)];

    for what in ["cache", "content"] {
        let deliveries = clear(&mut caller, what);
        let told: Vec<_> = deliveries.iter().map(|d| d.pending.webhook_id()).collect();
        assert_eq!(told, [&ids[0], &ids[1]]);
        let [post, get] = [&deliveries[0].request, &deliveries[1].request];
        assert_eq!(
            (post.method().as_str(), post.body().as_slice()),
            ("POST", &b"rebuild=1"[..])
        );
        assert_eq!(
            (get.method().as_str(), get.body().as_slice()),
            ("GET", &b""[..])
        );
        let form = "application/x-www-form-urlencoded";
        assert_eq!(
            [value(post, "content-type"), value(get, "content-type")],
            [form, ""]
        );
        for request in [post, get] {
            assert_eq!(request.uri(), "http://127.0.0.1:1/hook?a=b");
            assert_eq!(value(request, "host"), "127.0.0.1:1");
            assert_eq!(value(request, "x-key"), "k");
        }
    }
}

#[test]
fn on_update_tells_what_was_deleted() {
    let mut caller = Caller::new();
    let include = json!({ "site": "acme", "updates": "no" });
    create(&mut caller, &on_update(&include));

    let first = payload(&clear(&mut caller, "content")[0]);
    assert_eq!(first["site"], "acme");
    assert_eq!(first["continues"], false);
    let updates = first["updates"].as_array().unwrap();
    assert_eq!(updates.len(), 3);
    for update in updates {
        assert_eq!(update["operation"], "Delete");
        for name in ["identifier", "entity_definition", "entity_culture"] {
            assert!(update[name].is_string(), "{name}");
        }
    }

    // The content is empty already.
    let second = payload(&clear(&mut caller, "content")[0]);
    assert_eq!(second["updates"], json!([]));
    assert_ne!(second["invocation_id"], first["invocation_id"]);
}

#[test]
fn clearing_the_cache_changes_no_content() {
    let mut caller = Caller::new();
    create(&mut caller, &on_update(&json!({})));
    let told = payload(&clear(&mut caller, "cache")[0]);
    assert_eq!(told["updates"], json!([]));
    let told = payload(&clear(&mut caller, "content")[0]);
    assert_eq!(told["updates"].as_array().unwrap().len(), 3);
}

#[test]
fn runs_are_kept_the_newest_first_and_fifty_of_them() {
    let mut caller = Caller::new();
    let id = create(&mut caller, &local());
    let broken = DeliveryOutcome::ConnectionClosed;
    let late = DeliveryOutcome::TimedOut(Duration::from_secs(5));
    let answered = DeliveryOutcome::Responded(StatusCode::FOUND);
    for (second, outcome) in (0..).zip([REFUSED, broken, late, answered, OK]) {
        let at = NOW + Duration::from_secs(second);
        let pending = start_run(&mut caller);
        caller.edge.record_delivery(pending, outcome, at);
    }
    let at = |second| format!("2027-01-15T08:00:0{second}.0000000Z");
    let expected = json!([
        { "timestamp": at(4), "success": true },
        { "timestamp": at(3), "success": false, "message": "the receiver responded with 302" },
        { "timestamp": at(2), "success": false, "message": "no response within 5s" },
        { "timestamp": at(1), "success": false, "message": "the connection ended before a response" },
        { "timestamp": at(0), "success": false, "message": "nobody took the connection" },
    ]);
    assert_eq!(get(&mut caller, &id)["lastRuns"], expected);
    for _ in 0..49 {
        run(&mut caller, OK);
    }
    let runs = get(&mut caller, &id)["lastRuns"].clone();
    let runs = runs.as_array().unwrap();
    assert_eq!((runs.len(), &runs[49]), (50, &expected[0]));
    assert_eq!(caller.edge.served().webhook_runs, 54);
}

#[test]
fn a_run_after_the_year_9999_counts_as_of_its_last_second() {
    let mut caller = Caller::new();
    let id = create(&mut caller, &local());
    let pending = start_run(&mut caller);
    caller.edge.record_delivery(pending, OK, Duration::MAX);
    let at = &get(&mut caller, &id)["lastRuns"][0]["timestamp"];
    assert_eq!(at, "9999-12-31T23:59:59.0000000Z");
}

#[test]
fn ten_failures_in_a_row_disable_it_until_it_is_enabled() {
    let mut caller = Caller::new();
    let id = create(&mut caller, &local());
    let fail = |caller: &mut Caller, times| {
        for _ in 0..times {
            run(caller, REFUSED);
        }
    };
    fail(&mut caller, 9);
    run(&mut caller, OK);
    fail(&mut caller, 9);
    assert_eq!(get(&mut caller, &id)["disabled"], false);
    fail(&mut caller, 1);
    let disabled = get(&mut caller, &id);
    assert_eq!(disabled["disabled"], true);
    assert_eq!(
        disabled["lastRuns"][0]["message"],
        "The webhook has failed the past 10 consecutive executions and is now disabled"
    );
    assert_eq!(
        disabled["lastRuns"][1]["message"],
        "nobody took the connection"
    );
    assert!(clear(&mut caller, "cache").is_empty());

    let path = format!("{PATH}/{id}");
    let mut edit = local();
    assert_eq!(caller.send_json("PUT", &path, &edit).status(), 204);
    assert_eq!(get(&mut caller, &id)["disabled"], true);
    edit["disabled"] = json!(false);
    assert_eq!(caller.send_json("PUT", &path, &edit).status(), 204);
    fail(&mut caller, 9);
    assert_eq!(get(&mut caller, &id)["disabled"], false);
}

#[test]
fn what_ran_before_an_update_does_not_count_after_it() {
    let mut caller = Caller::new();
    let id = create(&mut caller, &local());
    let stale: Vec<_> = (0..20).map(|_| start_run(&mut caller)).collect();
    let mut edit = local();
    edit["disabled"] = json!(false);
    let repaired = caller.send_json("PUT", &format!("{PATH}/{id}"), &edit);
    assert_eq!(repaired.status(), 204);
    for pending in stale {
        caller.edge.record_delivery(pending, REFUSED, NOW);
    }
    let webhook = get(&mut caller, &id);
    assert_eq!(webhook["disabled"], false);
    assert_eq!(webhook["lastRuns"].as_array().unwrap().len(), 20);

    // A success of the old revision does not hide failures of the new one.
    let stale = start_run(&mut caller);
    caller.send_json("PUT", &format!("{PATH}/{id}"), &edit);
    for _ in 0..9 {
        run(&mut caller, REFUSED);
    }
    caller.edge.record_delivery(stale, OK, NOW);
    run(&mut caller, REFUSED);
    assert_eq!(get(&mut caller, &id)["disabled"], true);
}

#[test]
fn one_that_is_disabled_is_not_run() {
    let mut caller = Caller::new();
    let mut body = local();
    body["disabled"] = json!(true);
    create(&mut caller, &body);
    assert!(clear(&mut caller, "content").is_empty());
    assert_eq!(caller.edge.served().webhook_runs, 0);
}

#[test]
fn nothing_leaves_the_loopback_and_that_is_no_failure_of_the_receiver() {
    let mut caller = Caller::new();
    let mut body = local();
    body["uri"] = json!("https://example.com/hook");
    let id = create(&mut caller, &body);
    for _ in 0..20 {
        assert!(clear(&mut caller, "cache").is_empty());
    }
    let webhook = get(&mut caller, &id);
    assert_eq!(webhook["disabled"], false);
    let run = json!({
        "timestamp": "2027-01-15T08:00:00.0000000Z",
        "success": false,
        "message": "the local Edge delivers to the loopback only",
    });
    assert_eq!(webhook["lastRuns"][0], run);
    assert_eq!(caller.edge.served().webhook_runs, 20);
}

#[test]
fn a_run_of_one_that_was_deleted_is_counted_only() {
    let mut caller = Caller::new();
    let id = create(&mut caller, &local());
    let pending = start_run(&mut caller);
    caller.send("DELETE", &format!("{PATH}/{id}"));
    caller.edge.record_delivery(pending, OK, NOW);
    assert_eq!(json(&caller.send("GET", PATH)), json!([]));
    assert_eq!(caller.edge.served().webhook_runs, 1);
}

#[test]
fn only_clearing_runs_them() {
    let mut caller = Caller::new();
    create(&mut caller, &local());
    let request = caller.json_request(
        "POST",
        "/api/apikey/v1",
        &json!({ "Label": "l", "Scopes": ["s"] }),
    );
    let simulated = caller.edge.respond(&request, NOW);
    assert_eq!(simulated.response.status(), 201);
    assert!(simulated.deliveries.is_empty());
    let refused = caller.send("GET", "/api/admin/v1/cache");
    assert_eq!(header(&refused, "allow"), "DELETE");
    assert!(clear(&mut caller, "cache").len() == 1);
}
