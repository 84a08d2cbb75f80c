//! The published metadata: keys and endpoints.

use http::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::http::response;
use crate::oauth::issuer::Issuer;
use crate::options::algorithm::Algorithm;

pub(crate) const JWKS_PATH: &str = "/.well-known/jwks.json";
pub(crate) const OPENID_PATH: &str = "/.well-known/openid-configuration";
pub(crate) const OAUTH_PATH: &str = "/.well-known/oauth-authorization-server";

pub(crate) fn respond(issuer: &Issuer, method: &Method, path: &str) -> Response<Vec<u8>> {
    let document = match path {
        JWKS_PATH => json!({ "keys": [issuer.key.jwk()] }),
        OPENID_PATH | OAUTH_PATH => configuration(issuer),
        _ => return response::not_found(),
    };
    if method == Method::GET {
        response::json(StatusCode::OK, &document)
    } else {
        response::method_not_allowed("GET")
    }
}

/// Metadata of RFC 8414 §2, with the members that OpenID Connect Discovery 1.0 §3 requires.
fn configuration(issuer: &Issuer) -> Value {
    let base_url = &issuer.base_url;
    json!({
        "issuer": issuer.url(),
        "token_endpoint": issuer.token_endpoint(),
        "jwks_uri": format!("{base_url}{JWKS_PATH}"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "client_secret_jwt",
            "private_key_jwt",
        ],
        "token_endpoint_auth_signing_alg_values_supported": Algorithm::ALL.map(Algorithm::name),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [issuer.key.algorithm().name()],
    })
}
