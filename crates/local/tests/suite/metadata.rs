//! Keys, metadata, and unknown paths.

use http::Request;
use serde_json::json;

use crate::peer::{self, ask, edge, get, header};

#[test]
fn the_keys_are_public_keys_only() {
    let answer = ask(&mut edge(), &get("/.well-known/jwks.json"));
    assert_eq!(answer.status(), 200);
    let body = peer::json(&answer);
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
        let body = peer::json(&answer);
        assert_eq!(body["issuer"], "http://127.0.0.1:1/");
        assert_eq!(body["token_endpoint"], "http://127.0.0.1:1/oauth/token");
        let keys = "http://127.0.0.1:1/.well-known/jwks.json";
        assert_eq!(body["jwks_uri"], keys);
        assert_eq!(body["grant_types_supported"][0], "client_credentials");
        let methods = &body["token_endpoint_auth_methods_supported"];
        assert_eq!(
            methods,
            &json!([
                "client_secret_basic",
                "client_secret_post",
                "client_secret_jwt",
                "private_key_jwt"
            ])
        );
        // RFC 8414 §2 requires them if a method with a JWT is listed.
        let algorithms = &body["token_endpoint_auth_signing_alg_values_supported"];
        assert_eq!(
            algorithms,
            &json!(["HS256", "RS256", "PS256", "ES256", "ES384", "EdDSA"])
        );
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
        assert_eq!(peer::json(&answer)["error"], "not_found");
        let message = peer::json(&answer)["message"].to_string();
        assert!(message.contains("/api/admin/v1/"), "{message}");
    }
    assert_eq!(edge.served().other_requests, 4);
}
