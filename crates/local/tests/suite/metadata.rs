//! Keys, metadata, and paths that lead nowhere.

use http::Request;

use crate::peer::{ask, edge, get, header, json};

#[test]
fn the_keys_are_public_keys_only() {
    let answer = ask(&mut edge(), &get("/.well-known/jwks.json"));
    assert_eq!(answer.status(), 200);
    let body = json(&answer);
    let mut members: Vec<_> = body["keys"][0].as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!(body["keys"][0]["e"], "AQAB");
}

#[test]
fn both_metadata_documents_say_where_things_are() {
    for name in ["openid-configuration", "oauth-authorization-server"] {
        let answer = ask(&mut edge(), &get(&format!("/.well-known/{name}")));
        assert_eq!(answer.status(), 200);
        let body = json(&answer);
        assert_eq!(body["issuer"], "http://127.0.0.1:1/");
        assert_eq!(body["token_endpoint"], "http://127.0.0.1:1/oauth/token");
        let keys = "http://127.0.0.1:1/.well-known/jwks.json";
        assert_eq!(body["jwks_uri"], keys);
        assert_eq!(body["grant_types_supported"][0], "client_credentials");
        let methods = body["token_endpoint_auth_methods_supported"].as_array();
        assert_eq!(methods.unwrap().len(), 2);
    }
}

#[test]
fn metadata_is_only_read() {
    let request = Request::post("/.well-known/jwks.json").body(Vec::new());
    let answer = ask(&mut edge(), &request.unwrap());
    assert_eq!(answer.status(), 405);
    assert_eq!(header(&answer, "allow"), "GET");
}

#[test]
fn an_unknown_path_is_404_in_json() {
    let mut edge = edge();
    for path in ["/", "/oauth/token/", "/api/admin/v1", "/.well-known/other"] {
        let answer = ask(&mut edge, &get(path));
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(json(&answer)["error"], "not_found");
    }
    assert_eq!(edge.served().other_requests, 4);
}
