//! The claims that are shown of a JWT.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_no_io::{Claims, Config, Secret, token_response};
use http::Response;

fn jwt(payload: &str) -> String {
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    [
        &part(r#"{"alg":"RS256","crit":["b64"]}"#),
        &part(payload),
        "c2ln",
    ]
    .map(str::to_owned)
    .join(".")
}

fn claims(payload: &str) -> Claims {
    Claims::read(&jwt(payload)).unwrap()
}

#[test]
fn token_returns_its_claims() {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap();
    for (token, claims) in [
        (jwt(r#"{"exp":900}"#), Some(claims(r#"{"exp":900}"#))),
        ("opaque".to_owned(), None),
    ] {
        let answer = Response::new(format!(r#"{{"access_token":"{token}"}}"#));
        let token = token_response(&config, &answer).unwrap();
        assert_eq!(token.claims(), claims);
    }
}

#[test]
fn claims_are_listed_by_name() {
    let claims = claims(r#"{"sub":"a@clients","exp":900,"aud":["x","y"],"org":null}"#);
    let all: Vec<_> = claims.iter().collect();
    let texts = [
        ("aud", r#"["x","y"]"#),
        ("exp", "900"),
        ("org", "null"),
        ("sub", "a@clients"),
    ];
    assert_eq!(all, texts.map(|(name, text)| (name, text.to_owned())));
    assert_eq!(claims.get("nothing"), None);
}

#[test]
fn header_of_a_jwt_is_not_read_as_its_payload() {
    let claims = claims(r#"{"alg":"none"}"#);
    assert_eq!(claims.header("alg").as_deref(), Some("RS256"));
    assert_eq!(claims.header("crit").as_deref(), Some(r#"["b64"]"#));
    assert_eq!(claims.get("alg").as_deref(), Some("none"));
}

#[test]
fn dates_are_whole_seconds_or_absent() {
    for (date, seconds) in [
        ("0", Some(0)),
        ("900", Some(900)),
        ("900.9", Some(900)),
        ("18446744073709551615", Some(u64::MAX)),
        ("1e300", Some(u64::MAX)),
        ("-1", None),
        ("-0.5", None),
        (r#""900""#, None),
        ("null", None),
    ] {
        let claims = claims(&format!(r#"{{"iat":{date}}}"#));
        assert_eq!(
            claims.issued_at(),
            seconds.map(Duration::from_secs),
            "{date}"
        );
        assert_eq!(claims.expires_at(), None);
    }
    let claims = claims(r#"{"exp":7}"#);
    assert_eq!(
        (claims.issued_at(), claims.expires_at()),
        (None, Some(Duration::from_secs(7)))
    );
}

#[test]
fn text_that_is_no_jwt_has_no_claims() {
    for token in [
        "",
        "a",
        "e30.e30",
        "e30.e30.x.y",
        "e30.W10.x",
        "W10.e30.x",
        "e30.e30=.x",
        "e30.!.x",
    ] {
        assert_eq!(Claims::read(token), None, "{token}");
    }
}

#[test]
fn claims_are_listed_as_text_in_the_order_of_their_names() {
    let claims = claims(r#"{"b":7,"a":"x"}"#);
    let all: Vec<_> = claims.iter().collect();
    assert_eq!(all, [("a", "x".to_owned()), ("b", "7".to_owned())]);
}
