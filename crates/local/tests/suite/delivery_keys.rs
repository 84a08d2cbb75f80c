//! The Token API: the keys of the Delivery API.

use edge_oauth_local::Options;
use http::Response;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::peer::{Caller, ask, header, json, wrong_field};

pub(crate) const BASE: &str = "/api/apikey/v1";

pub(crate) fn wanted(label: &str) -> Value {
    json!({ "CreatedBy": "ci", "Label": label, "Scopes": ["audience-delivery", "content-#everything#"] })
}

pub(crate) fn create(caller: &mut Caller, body: &Value) -> String {
    let answer = caller.send_json("POST", BASE, body);
    assert_eq!(answer.status(), 201);
    assert_eq!(header(&answer, "content-type"), "text/plain");
    String::from_utf8(answer.into_body()).unwrap()
}

fn hash(key: &str) -> String {
    let digest = digest(&SHA256, key.as_bytes());
    let bytes = digest.as_ref().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

fn with_key(caller: &mut Caller, method: &str, path: &str, key: &str) -> Response<Vec<u8>> {
    let request = caller.request(method, &format!("{BASE}/{path}"));
    let request = request
        .header("x-gql-token", key)
        .header("content-type", "application/json")
        .body(br#"{"newName":"new"}"#.to_vec());
    ask(&mut caller.edge, &request.unwrap())
}

pub(crate) fn list(caller: &mut Caller, query: &str) -> Value {
    let answer = caller.send("GET", &format!("{BASE}?{query}"));
    assert_eq!(answer.status(), 200, "{query}");
    json(&answer)
}

pub(crate) fn labels(page: &Value) -> Vec<&str> {
    let keys = page["keys"].as_array().unwrap().iter();
    keys.map(|key| key["label"].as_str().unwrap()).collect()
}

#[test]
fn a_key_is_shown_once_and_known_by_its_hash() {
    let mut caller = Caller::new();
    let key = create(&mut caller, &wanted("site"));
    let expected = json!({
        "tenantId": "local-tenant",
        "hash": hash(&key),
        "isRevoked": false,
        "label": "site",
        "scopes": ["audience-delivery", "content-#everything#"],
        "createdBy": "ci",
        "created": "2027-01-15T08:00:00.0000000Z",
    });
    let by_hash = caller.send("GET", &format!("{BASE}/{}", hash(&key)));
    assert_eq!(json(&by_hash), expected);
    assert_eq!(json(&with_key(&mut caller, "GET", "token", &key)), expected);
    let page = list(&mut caller, "");
    assert_eq!(page["keys"], json!([expected]));
    assert!(!page.to_string().contains(&key));
}

#[test]
fn keys_follow_from_the_seed() {
    let keys = |seed| {
        let mut caller = Caller::with(Options::default().seed(seed));
        [
            create(&mut caller, &wanted("a")),
            create(&mut caller, &wanted("a")),
        ]
    };
    assert_eq!(keys(1), keys(1));
    let [one, two] = [keys(1), keys(2)];
    assert!(one[0] != one[1] && one[0] != two[0] && one[0] != two[1]);
}

#[test]
fn names_are_read_in_either_case() {
    let mut caller = Caller::new();
    let key = create(&mut caller, &json!({ "label": "l", "scopes": ["s"] }));
    let shown = json(&with_key(&mut caller, "GET", "token", &key));
    assert_eq!(
        (&shown["label"], &shown["createdBy"]),
        (&json!("l"), &json!(""))
    );
}

#[test]
fn what_is_wrong_is_named() {
    let mut caller = Caller::new();
    for (name, wrong, field) in [
        ("Label", json!(null), "label"),
        ("Label", json!(""), "label"),
        ("Label", json!(1), "label"),
        ("Scopes", json!(null), "scopes"),
        ("Scopes", json!([]), "scopes"),
        ("Scopes", json!("audience-delivery"), "scopes"),
        ("Scopes", json!(["a", 1]), "scopes"),
        ("Scopes", json!([" "]), "scopes"),
        ("CreatedBy", json!([]), "createdBy"),
    ] {
        let mut body = wanted("l");
        body[name] = wrong;
        assert_eq!(wrong_field(&caller.send_json("POST", BASE, &body)), field);
    }
    assert_eq!(list(&mut caller, "")["totalCount"], 0);
}

#[test]
fn renaming_by_hash_and_by_key() {
    let mut caller = Caller::new();
    let key = create(&mut caller, &wanted("old"));
    let path = format!("{BASE}/renamebyhash/{}", hash(&key));
    let answer = caller.send_json("PUT", &path, &json!({ "NewName": "newer" }));
    assert_eq!(answer.status(), 204);
    assert_eq!(labels(&list(&mut caller, "")), ["newer"]);
    assert_eq!(
        with_key(&mut caller, "PUT", "renamebytoken", &key).status(),
        204
    );
    assert_eq!(labels(&list(&mut caller, "")), ["new"]);
    let answer = caller.send_json("PUT", &path, &json!({ "newName": " " }));
    assert_eq!(wrong_field(&answer), "newName");
    assert_eq!(labels(&list(&mut caller, "")), ["new"]);
}

#[test]
fn a_revoked_key_stays_in_the_list() {
    let mut caller = Caller::new();
    let keys = ["a", "b", "c"].map(|label| create(&mut caller, &wanted(label)));
    let by_hash = format!("{BASE}/revokebyhash/{}", hash(&keys[0]));
    for _ in 0..2 {
        assert_eq!(caller.send("PUT", &by_hash).status(), 204);
        let answer = with_key(&mut caller, "PUT", "revokebytoken", &keys[1]);
        assert_eq!(answer.status(), 204);
    }
    let all = list(&mut caller, "filterRevoked=false");
    assert_eq!(labels(&all), ["a", "b", "c"]);
    let revoked: Vec<_> = all["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|k| &k["isRevoked"])
        .collect();
    assert_eq!(revoked, [true, true, false]);
    assert_eq!(labels(&list(&mut caller, "filterRevoked=True")), ["c"]);
}

#[test]
fn an_unknown_key_is_404_and_a_missing_one_400() {
    let mut caller = Caller::new();
    let unknown = hash("unknown");
    for (method, path) in [
        ("GET", unknown.clone()),
        ("PUT", format!("renamebyhash/{unknown}")),
        ("PUT", format!("revokebyhash/{unknown}")),
        ("PUT", "revokebyhash/".to_owned()),
        ("GET", "no/such/path".to_owned()),
    ] {
        let answer = caller.send(method, &format!("{BASE}/{path}"));
        assert_eq!(answer.status(), 404, "{path}");
    }
    for (method, path) in [
        ("GET", "token"),
        ("PUT", "renamebytoken"),
        ("PUT", "revokebytoken"),
    ] {
        assert_eq!(with_key(&mut caller, method, path, "unknown").status(), 404);
        let answer = caller.send(method, &format!("{BASE}/{path}"));
        assert_eq!(wrong_field(&answer), "X-GQL-Token");
        let twice = caller.request(method, &format!("{BASE}/{path}"));
        let twice = twice.header("x-gql-token", "a").header("x-gql-token", "b");
        let answer = ask(&mut caller.edge, &twice.body(Vec::new()).unwrap());
        assert_eq!(wrong_field(&answer), "X-GQL-Token");
    }
}

#[test]
fn other_methods_are_405() {
    let mut caller = Caller::new();
    for (path, allowed) in [
        ("", "GET, POST"),
        ("/token", "GET"),
        ("/0000", "GET"),
        ("/renamebyhash/0000", "PUT"),
        ("/renamebytoken", "PUT"),
        ("/revokebyhash/0000", "PUT"),
        ("/revokebytoken", "PUT"),
    ] {
        let answer = caller.send("DELETE", &format!("{BASE}{path}"));
        assert_eq!(answer.status(), 405, "{path}");
        assert_eq!(header(&answer, "allow"), allowed);
    }
    assert_eq!(caller.edge.served().api_requests, 7);
}
