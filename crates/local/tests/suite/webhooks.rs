//! Webhooks as records: creating, reading, changing and deleting them.

use serde_json::{Value, json};

use crate::peer::{Caller, header, json, wrong_field};

const PATH: &str = "/api/admin/v1/webhooks";

fn on_end() -> Value {
    json!({
        "label": "revalidate",
        "uri": "https://example.com/hook",
        "method": "POST",
        "headers": { "X-Key": "k" },
        "body": "{\"rebuild\":true}",
        "createdBy": "ci",
        "executionMode": "OnEnd",
        "disabled": false,
    })
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut body = on_end();
    body[name] = value.into();
    body
}

fn without(name: &str) -> Value {
    let mut body = on_end();
    body.as_object_mut().unwrap().remove(name);
    body
}

fn on_update() -> Value {
    let mut body = without("body");
    body["executionMode"] = json!("OnUpdate");
    body
}

fn create(caller: &mut Caller, body: &Value) -> Value {
    let answer = caller.send_json("POST", PATH, body);
    assert_eq!(answer.status(), 201);
    json(&answer)
}

fn path_of(webhook: &Value) -> String {
    format!("{PATH}/{}", webhook["id"].as_str().unwrap())
}

#[test]
fn there_are_none_at_first() {
    assert_eq!(json(&Caller::new().send("GET", PATH)), json!([]));
}

#[test]
fn a_created_one_is_told_found_and_listed() {
    let mut caller = Caller::new();
    let answer = caller.send_json("POST", PATH, &on_end());
    assert_eq!(answer.status(), 201);
    let created = json(&answer);
    assert_eq!(header(&answer, "location"), path_of(&created));
    for (name, value) in on_end().as_object().unwrap() {
        assert_eq!(created[name], *value, "{name}");
    }
    assert_eq!(created["tenantId"], "local-tenant");
    assert_eq!(created["created"], "2027-01-15T08:00:00.0000000Z");
    assert_eq!(created["lastRuns"], json!([]));
    assert_eq!(json(&caller.send("GET", &path_of(&created))), created);

    let second = create(&mut caller, &on_update());
    assert_ne!(second["id"], created["id"]);
    assert_eq!(json(&caller.send("GET", PATH)), json!([created, second]));
}

#[test]
fn little_is_required() {
    let body = json!({ "Label": "l", "Uri": "https://example.com", "body": null });
    let mut created = create(&mut Caller::new(), &body);
    let created = created.as_object_mut().unwrap();
    for name in ["id", "tenantId", "created", "lastRuns"] {
        assert!(created.remove(name).is_some(), "{name}");
    }
    let expected = json!({
        "label": "l",
        "uri": "https://example.com",
        "method": "POST",
        "headers": {},
        "executionMode": "OnEnd",
        "disabled": false,
    });
    assert_eq!(Value::Object(created.clone()), expected);
}

#[test]
fn an_object_to_include_may_come_as_text() {
    let mut caller = Caller::new();
    for include in [json!({ "a": [1] }), json!("{\"a\": [1]}")] {
        let mut body = on_update();
        body["bodyInclude"] = include;
        let created = create(&mut caller, &body);
        assert_eq!(created["bodyInclude"], json!({ "a": [1] }));
    }
}

#[test]
fn what_is_wrong_is_named() {
    let mut caller = Caller::new();
    let mut on_update_with_body = on_update();
    on_update_with_body["body"] = json!("b");
    let mut get_of_updates = on_update();
    get_of_updates["method"] = json!("GET");
    let mut include_no_object = on_update();
    include_no_object["bodyInclude"] = json!("planted");
    for (body, field) in [
        (without("label"), "label"),
        (with("label", " "), "label"),
        (with("label", 7), "label"),
        (without("uri"), "uri"),
        (with("uri", "http://example.com/"), "uri"),
        (with("uri", "ftp://127.0.0.1/"), "uri"),
        (with("uri", "/hook"), "uri"),
        (with("uri", "https://"), "uri"),
        (with("uri", "https://:80/"), "uri"),
        (with("uri", "https://user@example.com/"), "uri"),
        (with("uri", "http://127.0.0.1:99999/"), "uri"),
        (with("uri", "http://127.0.0.1:1@example.com/"), "uri"),
        (with("uri", "not a uri"), "uri"),
        (with("method", "PUT"), "method"),
        (with("method", "posts"), "method"),
        (with("headers", "X: y"), "headers"),
        (with("headers", json!({ "a b": "c" })), "headers"),
        (with("headers", json!({ "a": "\n" })), "headers"),
        (with("headers", json!({ "a": 1 })), "headers"),
        (with("headers", json!({ "Content-Length": "1" })), "headers"),
        (with("body", json!({})), "body"),
        (on_update_with_body, "body"),
        (get_of_updates, "method"),
        (with("bodyInclude", json!({})), "bodyInclude"),
        (include_no_object, "bodyInclude"),
        (with("executionMode", "onEnds"), "executionMode"),
        (with("executionMode", 1), "executionMode"),
        (with("createdBy", 1), "createdBy"),
        (with("disabled", "false"), "disabled"),
    ] {
        let answer = caller.send_json("POST", PATH, &body);
        assert_eq!(wrong_field(&answer), field, "{body}");
    }
    assert_eq!(json(&caller.send("GET", PATH)), json!([]));
}

#[test]
fn http_is_taken_on_the_loopback() {
    let mut caller = Caller::new();
    for uri in [
        "http://127.0.0.1:1/a?b=c",
        "http://localhost/",
        "http://[::1]:8080",
    ] {
        assert_eq!(create(&mut caller, &with("uri", uri))["uri"], uri);
    }
}

#[test]
fn an_update_replaces_what_a_client_may_write() {
    let mut caller = Caller::new();
    let created = create(&mut caller, &with("future", json!([1])));
    let path = path_of(&created);
    assert_eq!(created["future"], json!([1]));

    // A client reads it, changes it and writes it back.
    let mut changed = created.clone();
    changed["label"] = json!("renamed");
    changed["disabled"] = json!(true);
    changed["id"] = json!("mine");
    changed["tenantId"] = json!("mine");
    changed["created"] = json!("1970-01-01T00:00:00Z");
    changed["lastRuns"] = json!([{}]);
    let answer = caller.send_json("PUT", &path, &changed);
    assert_eq!(answer.status(), 204);
    assert!(answer.body().is_empty());
    let mut expected = created.clone();
    expected["label"] = json!("renamed");
    expected["disabled"] = json!(true);
    assert_eq!(json(&caller.send("GET", &path)), expected);

    // A client omits unknown members and `disabled`.
    assert_eq!(
        caller
            .send_json("PUT", &path, &without("disabled"))
            .status(),
        204
    );
    let now = json(&caller.send("GET", &path));
    assert_eq!(now["future"], json!(null));
    assert_eq!(now["disabled"], true);

    let wrong = caller.send_json("PUT", &path, &with("method", "PUT"));
    assert_eq!(wrong_field(&wrong), "method");
    assert_eq!(json(&caller.send("GET", &path)), now);
}

#[test]
fn a_deleted_one_is_gone() {
    let mut caller = Caller::new();
    let (first, second) = (
        create(&mut caller, &on_end()),
        create(&mut caller, &on_end()),
    );
    let path = path_of(&first);
    assert_eq!(caller.send("DELETE", &path).status(), 204);
    assert_eq!(caller.send("GET", &path).status(), 404);
    assert_eq!(caller.send("DELETE", &path).status(), 404);
    assert_eq!(json(&caller.send("GET", PATH)), json!([second]));
    let third = create(&mut caller, &on_end());
    assert!(third["id"] != first["id"] && third["id"] != second["id"]);
}

#[test]
fn an_unknown_id_is_404() {
    let mut caller = Caller::new();
    let path = format!("{PATH}/unknown");
    for method in ["GET", "DELETE"] {
        let answer = caller.send(method, &path);
        assert_eq!(answer.status(), 404);
        assert!(json(&answer)["message"].is_string());
    }
    assert_eq!(caller.send_json("PUT", &path, &on_end()).status(), 404);
    assert_eq!(caller.send("GET", &format!("{PATH}/")).status(), 404);
}

#[test]
fn other_methods_are_405() {
    let mut caller = Caller::new();
    for (path, allowed) in [
        ("/api/admin/v1/settings", "GET, PUT, PATCH"),
        ("/api/admin/v1/cache", "DELETE"),
        ("/api/admin/v1/content", "DELETE"),
        ("/api/admin/v1/webhooks", "GET, POST"),
        ("/api/admin/v1/webhooks/1", "GET, PUT, DELETE"),
    ] {
        let answer = caller.send("OPTIONS", path);
        assert_eq!(answer.status(), 405, "{path}");
        assert_eq!(header(&answer, "allow"), allowed);
    }
}

#[test]
fn a_method_and_a_mode_are_read_in_any_letter_case() {
    let mut caller = Caller::new();
    let mut body = on_end();
    body["method"] = json!("post");
    body["executionMode"] = json!("onend");
    let created = caller.send_json("POST", PATH, &body);
    assert_eq!(created.status(), 201);
    let created = json(&created);
    assert_eq!(created["method"], "POST");
    assert_eq!(created["executionMode"], "OnEnd");
}
