//! The settings: reading, replacing and patching them.

use http::Response;
use serde_json::{Value, json};

use crate::peer::{Caller, ask, json, wrong_field};

const PATH: &str = "/api/admin/v1/settings";

fn full() -> Value {
    json!({
        "contentCacheTtl": "00:15:00",
        "contentCacheAutoClear": false,
        "mediaCacheTtl": "720.00:00:00",
        "mediaCacheAutoClear": false,
        "tenantCacheAutoClear": false,
    })
}

fn patch(caller: &mut Caller, body: &Value) -> Response<Vec<u8>> {
    let request = caller.request("PATCH", PATH);
    let request = request.header("content-type", "application/json-patch+json");
    let request = request.body(body.to_string().into_bytes()).unwrap();
    ask(&mut caller.edge, &request)
}

fn replace(path: &str, value: &Value) -> Value {
    json!([{ "op": "replace", "path": path, "value": value }])
}

#[test]
fn a_put_replaces_all_of_them() {
    let mut caller = Caller::new();
    let answer = caller.send_json("PUT", PATH, &full());
    assert_eq!(answer.status(), 202);
    assert!(answer.body().is_empty());
    assert_eq!(json(&caller.send("GET", PATH)), full());
}

#[test]
fn unknown_members_stay_if_they_are_sent_and_are_gone_if_not() {
    let mut caller = Caller::new();
    let mut written = full();
    written["NewInSpring"] = json!({ "deep": [1, null] });
    assert_eq!(caller.send_json("PUT", PATH, &written).status(), 202);
    assert_eq!(json(&caller.send("GET", PATH)), written);
    assert_eq!(caller.send_json("PUT", PATH, &full()).status(), 202);
    assert_eq!(json(&caller.send("GET", PATH)), full());
}

#[test]
fn names_are_read_without_case_and_written_in_one() {
    let mut caller = Caller::new();
    let pascal = json!({
        "ContentCacheTtl": "00:15:00",
        "ContentCacheAutoClear": false,
        "MediaCacheTtl": "720.00:00:00",
        "MediaCacheAutoClear": false,
        "TenantCacheAutoClear": false,
    });
    assert_eq!(caller.send_json("PUT", PATH, &pascal).status(), 202);
    assert_eq!(json(&caller.send("GET", PATH)), full());
}

#[test]
fn a_put_that_is_wrong_names_the_field_and_changes_nothing() {
    let mut caller = Caller::new();
    let before = json(&caller.send("GET", PATH));
    for name in full().as_object().unwrap().keys() {
        for wrong in [json!(null), json!(7), json!("4 hours"), json!("24:00:00")] {
            let mut body = full();
            body[name] = wrong;
            let answer = caller.send_json("PUT", PATH, &body);
            assert_eq!(wrong_field(&answer), *name);
        }
        let mut body = full();
        body.as_object_mut().unwrap().remove(name);
        assert_eq!(wrong_field(&caller.send_json("PUT", PATH, &body)), *name);
    }
    assert_eq!(json(&caller.send("GET", PATH)), before);
}

#[test]
fn a_patch_answers_with_the_settings() {
    let mut caller = Caller::new();
    let body = json!([
        { "op": "replace", "path": "/contentcachettl", "value": "00:15:00" },
        { "op": "replace", "path": "/tenantcacheautoclear", "value": false },
    ]);
    let answer = patch(&mut caller, &body);
    assert_eq!(answer.status(), 200);
    let settings = json(&answer);
    assert_eq!(settings["contentCacheTtl"], "00:15:00");
    assert_eq!(settings["tenantCacheAutoClear"], false);
    assert_eq!(settings["mediaCacheTtl"], "04:00:00");
    assert_eq!(json(&caller.send("GET", PATH)), settings);
    assert_eq!(json(&patch(&mut caller, &json!([]))), settings);
}

#[test]
fn an_unknown_member_can_be_patched_once_it_is_there() {
    let mut caller = Caller::new();
    let body = replace("/new~1one~0", &json!([1]));
    assert_eq!(wrong_field(&patch(&mut caller, &body)), "[0].path");
    let mut written = full();
    written["New/One~"] = json!(null);
    caller.send_json("PUT", PATH, &written);
    assert_eq!(json(&patch(&mut caller, &body))["New/One~"], json!([1]));
}

#[test]
fn a_patch_that_is_wrong_is_refused_as_a_whole() {
    let mut caller = Caller::new();
    let before = json(&caller.send("GET", PATH));
    let good = json!({ "op": "replace", "path": "/contentcachettl", "value": "01:00:00" });
    for (wrong, field) in [
        (json!("text"), "[1]"),
        (json!({}), "[1].op"),
        (
            json!({ "op": "remove", "path": "/contentcachettl" }),
            "[1].op",
        ),
        (json!({ "op": "replace" }), "[1].path"),
        (
            json!({ "op": "replace", "path": "", "value": {} }),
            "[1].path",
        ),
        (
            json!({ "op": "replace", "path": "/a/b", "value": 1 }),
            "[1].path",
        ),
        (
            json!({ "op": "replace", "path": "/contentCacheTtl", "value": "01:00:00" }),
            "[1].path",
        ),
        (
            json!({ "op": "replace", "path": "/contentcachettl" }),
            "[1].value",
        ),
        (
            json!({ "op": "replace", "path": "/contentcachettl", "value": "1h" }),
            "contentCacheTtl",
        ),
        (
            json!({ "op": "replace", "path": "/mediacacheautoclear", "value": "true" }),
            "mediaCacheAutoClear",
        ),
    ] {
        let answer = patch(&mut caller, &json!([good, wrong]));
        assert_eq!(wrong_field(&answer), field);
    }
    assert_eq!(patch(&mut caller, &good).status(), 400);
    assert_eq!(json(&caller.send("GET", PATH)), before);
}

#[test]
fn the_media_type_is_checked() {
    let mut caller = Caller::new();
    let answer = caller.send_json("PATCH", PATH, &json!([]));
    assert_eq!(answer.status(), 415);
    let message = json(&answer)["message"].to_string();
    assert!(message.contains("application/json-patch+json"), "{message}");
    let bare = caller.request("PUT", PATH).body(b"{}".to_vec()).unwrap();
    assert_eq!(ask(&mut caller.edge, &bare).status(), 415);
    let request = caller.request("PUT", PATH);
    let request = request.header("content-type", "Application/JSON; charset=utf-8");
    let request = request.body(full().to_string().into_bytes()).unwrap();
    assert_eq!(ask(&mut caller.edge, &request).status(), 202);
}

#[test]
fn a_body_that_is_no_json_object_is_400() {
    let mut caller = Caller::new();
    for body in ["", "{", "[]", "null", "7"] {
        let request = caller.request("PUT", PATH);
        let request = request.header("content-type", "application/json");
        let request = request.body(body.as_bytes().to_vec()).unwrap();
        let answer = ask(&mut caller.edge, &request);
        assert_eq!(answer.status(), 400, "{body}");
        assert!(json(&answer)["message"].is_string());
    }
}
