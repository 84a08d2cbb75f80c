//! Accepted and rejected requests to the protected APIs.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_local::{Expired, Options, Simulator};
use http::Request;
use serde_json::{Value, json};

use crate::peer::{BASE_URL, NOW, ask, edge, get, header, settings, token};

const INVALID: &str = "Bearer realm=\"local\", error=\"invalid_token\"";

fn short_lived(expired: Expired) -> Simulator {
    let options = Options::default()
        .lifetime(Duration::from_secs(900))
        .expired_as(expired);
    Simulator::new(options, BASE_URL)
}

fn assert_invalid_token(edge: &mut Simulator, token: &str) {
    let answer = ask(edge, &settings(token));
    assert_eq!(answer.status(), 401, "{token}");
    assert_eq!(header(&answer, "www-authenticate"), INVALID);
    assert!(crate::peer::json(&answer)["message"].is_string());
}

#[test]
fn a_good_token_reads_the_settings() {
    let mut edge = edge();
    let token = token(&mut edge, NOW);
    let answer = ask(&mut edge, &settings(&token));
    assert_eq!(answer.status(), 200);
    let settings = crate::peer::json(&answer);
    assert_eq!(settings["contentCacheTtl"], "04:00:00");
    assert_eq!(settings["mediaCacheTtl"], "04:00:00");
    for name in ["contentCache", "mediaCache", "tenantCache"] {
        assert!(settings[format!("{name}AutoClear")].is_boolean());
    }
}

#[test]
fn the_scheme_is_read_without_case() {
    let mut edge = edge();
    let value = format!("bearer {}", token(&mut edge, NOW));
    let request = Request::get("/api/admin/v1/settings").header("authorization", value);
    let answer = ask(&mut edge, &request.body(Vec::new()).unwrap());
    assert_eq!(answer.status(), 200);
}

#[test]
fn without_a_token_the_challenge_has_no_error_code() {
    let basic = Request::get("/api/admin/v1/settings").header("authorization", "Basic eDp5");
    let basic = basic.body(Vec::new()).unwrap();
    for request in [get("/api/admin/v1/settings"), basic] {
        let answer = ask(&mut edge(), &request);
        assert_eq!(answer.status(), 401);
        assert_eq!(
            header(&answer, "www-authenticate"),
            "Bearer realm=\"local\""
        );
    }
}

#[test]
fn two_tokens_at_once_are_400() {
    let mut edge = edge();
    let token = token(&mut edge, NOW);
    let mut request = settings(&token);
    let again = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().append("authorization", again);
    assert_eq!(ask(&mut edge, &request).status(), 400);
}

#[test]
fn an_expired_token_is_401() {
    let mut edge = short_lived(Expired::Unauthorized);
    let token = token(&mut edge, NOW);
    let mut status = |after| {
        let simulated = edge.respond(&settings(&token), NOW + Duration::from_secs(after));
        simulated.response.status().as_u16()
    };
    assert_eq!(status(899), 200);
    assert_eq!(status(900), 401);
    let late = edge.respond(&settings(&token), NOW + Duration::from_secs(901));
    assert_eq!(header(&late.response, "www-authenticate"), INVALID);
}

#[test]
fn an_expired_token_is_403_where_that_was_asked_for() {
    let mut edge = short_lived(Expired::Forbidden);
    let token = token(&mut edge, NOW);
    let late = edge.respond(&settings(&token), NOW + Duration::from_secs(900));
    assert_eq!(late.response.status(), 403);
    let body = crate::peer::json(&late.response);
    assert_eq!(body["message"], "Token has expired");
}

#[test]
fn a_tampered_token_is_401() {
    let mut edge = edge();
    let token = token(&mut edge, NOW);
    for position in (0..token.len()).step_by(17).chain([token.len() - 1]) {
        let mut tampered = token.clone().into_bytes();
        tampered[position] = if tampered[position] == b'A' {
            b'B'
        } else {
            b'A'
        };
        assert_invalid_token(&mut edge, &String::from_utf8(tampered).unwrap());
    }
    assert_invalid_token(&mut edge, &format!("{token}."));
    assert_invalid_token(&mut edge, &token[..token.len() - 4]);
    for rubbish in ["x", "a.b.c", "..", "a b"] {
        assert_invalid_token(&mut edge, rubbish);
    }
}

#[test]
fn an_unsigned_token_is_401() {
    let mut edge = edge();
    let token = token(&mut edge, NOW);
    let (_, claims) = token.split_once('.').unwrap();
    let (claims, signature) = claims.split_once('.').unwrap();
    let encode = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = encode(json!({ "alg": "none", "kid": "published-development-key" }));
    assert_invalid_token(&mut edge, &format!("{none}.{claims}."));
    assert_invalid_token(&mut edge, &format!("{none}.{claims}.{signature}"));
}

#[test]
fn a_token_of_another_issuer_or_tenant_is_401() {
    let mut elsewhere = Simulator::new(Options::default(), "http://127.0.0.1:2");
    let foreign = token(&mut elsewhere, NOW);
    assert_invalid_token(&mut edge(), &foreign);

    let mut other_tenant = Simulator::new(Options::default().tenant_id("other"), BASE_URL);
    let audience = "https://delivery.sitecore.cloud/other";
    let request = crate::peer::form(&crate::peer::but("audience", audience));
    let answer = crate::peer::json(&ask(&mut other_tenant, &request));
    assert_invalid_token(&mut edge(), answer["access_token"].as_str().unwrap());
}

#[test]
fn what_is_not_there_is_told_to_those_who_are_let_in() {
    let mut edge = edge();
    let token = token(&mut edge, NOW);
    for (method, path, status) in [
        ("GET", "/api/admin/v1/nothing", 404),
        ("GET", "/api/admin/v1/", 404),
        ("POST", "/api/admin/v1/settings", 405),
    ] {
        let mut request = settings(&token);
        *request.method_mut() = method.parse().unwrap();
        *request.uri_mut() = path.parse().unwrap();
        assert_eq!(ask(&mut edge, &request).status(), status, "{path}");
        request.headers_mut().clear();
        assert_eq!(ask(&mut edge, &request).status(), 401, "{path}");
    }
    assert_eq!(edge.served().api_requests, 6);
}
