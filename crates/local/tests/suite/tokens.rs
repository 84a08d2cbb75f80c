//! The access tokens, read with an independent library.

use std::time::Duration;

use edge_oauth_local::{AUDIENCE, Options, Simulator, TokenAlgorithm};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use crate::peer::{BASE_URL, NOW, ask, edge, get, json, token};

/// Verifies a token with the published keys and returns its claims.
fn verify(edge: &mut Simulator, token: &str) -> Value {
    let keys = ask(edge, &get("/.well-known/jwks.json"));
    let keys: JwkSet = serde_json::from_slice(keys.body()).unwrap();
    let header = decode_header(token).unwrap();
    let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
    let metadata = json(&ask(edge, &get("/.well-known/openid-configuration")));
    let algorithms = metadata["id_token_signing_alg_values_supported"].clone();
    assert_eq!(serde_json::from_value(algorithms).ok(), Some([header.alg]));
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[format!("{BASE_URL}/")]);
    validation.validate_exp = false;
    let key = DecodingKey::from_jwk(key).unwrap();
    decode(token, &key, &validation).unwrap().claims
}

#[test]
fn the_claims_are_the_documented_ones() {
    let options = Options::default()
        .lifetime(Duration::from_secs(900))
        .tenant_id("t1");
    let mut edge = Simulator::new(options, BASE_URL);
    let token = token(&mut edge, NOW);
    let claims = verify(&mut edge, &token);
    assert_eq!(claims["iss"], "http://127.0.0.1:1/");
    assert_eq!(claims["sub"], "local-client@clients");
    assert_eq!(claims["aud"], AUDIENCE);
    assert_eq!(claims["iat"], 1_800_000_000);
    assert_eq!(claims["exp"], 1_800_000_900);
    assert_eq!(claims["azp"], "local-client");
    assert_eq!(claims["scope"], crate::peer::ALL_SCOPES);
    assert_eq!(claims["gty"], "client-credentials");
    for (name, value) in [("tenant_id", "t1"), ("client_name", "local-client")] {
        let name = format!("https://auth.sitecorecloud.io/claims/{name}");
        assert_eq!(claims[name], value);
    }
    for name in [
        "org_id",
        "org_name",
        "org_display_name",
        "org_account_id",
        "org_type",
        "tenant_name",
    ] {
        let name = format!("https://auth.sitecorecloud.io/claims/{name}");
        assert!(claims[&name].is_string(), "{name}");
    }
}

#[test]
fn two_tokens_of_one_second_differ() {
    let mut edge = edge();
    assert_ne!(token(&mut edge, NOW), token(&mut edge, NOW));
}

#[test]
fn a_slash_after_the_base_url_is_not_doubled() {
    let mut edge = Simulator::new(Options::default(), "http://127.0.0.1:1/");
    let token = token(&mut edge, NOW);
    verify(&mut edge, &token);
}

#[test]
fn ones_own_key_signs_and_is_published() {
    let der = include_bytes!("../../src/development-key.p8");
    let options = Options::default().signing_key(der, "mine").unwrap();
    let mut edge = Simulator::new(options, BASE_URL);
    let keys = json(&ask(&mut edge, &get("/.well-known/jwks.json")));
    assert_eq!(keys["keys"][0]["kid"], "mine");
    let token = token(&mut edge, NOW);
    verify(&mut edge, &token);
}

#[test]
fn es256_token_verifies_by_the_published_key() {
    let options = Options::default().token_algorithm(TokenAlgorithm::Es256);
    let mut edge = Simulator::new(options, BASE_URL);
    let token = token(&mut edge, NOW);
    assert_eq!(decode_header(&token).unwrap().alg, Algorithm::ES256);
    assert_eq!(verify(&mut edge, &token)["iat"], 1_800_000_000);
}

#[test]
fn p256_key_of_ones_own_signs_with_es256() {
    let der = include_bytes!("../../src/development-key-es256.p8");
    let options = Options::default().signing_key(der, "mine").unwrap();
    let mut edge = Simulator::new(options, BASE_URL);
    let token = token(&mut edge, NOW);
    let header = decode_header(&token).unwrap();
    assert_eq!(
        (header.alg, header.kid.as_deref()),
        (Algorithm::ES256, Some("mine"))
    );
    verify(&mut edge, &token);
}

#[test]
fn what_is_no_key_is_refused() {
    let der = include_bytes!("../../src/development-key.p8");
    for bytes in [&b""[..], b"-----BEGIN", &der[..600]] {
        let error = Options::default().signing_key(bytes, "mine").unwrap_err();
        assert!(error.to_string().starts_with("not a usable"));
    }
}
