//! Responses with a token.

use edge_oauth_no_io::{Config, MalformedReason, Secret};

use crate::setup::{TOKEN, ok, status, with};

// fault: response-with-a-token-only, missing-expires-in
#[test]
fn response_with_an_access_token_only_is_a_token() {
    let token = ok(r#"{"access_token":"t0ken"}"#).token();
    assert_eq!(token.expose(), "t0ken");
    assert_eq!(token.authorization(), "Bearer t0ken");
    assert_eq!(
        (token.expires_in(), token.scope(), token.token_type()),
        (None, None, "Bearer")
    );
}

// fault: request-printed
#[test]
fn debug_of_a_token_says_how_long_it_lives_and_no_more() {
    let shown = format!("{:?}", with("scope", r#""read""#).token());
    assert_eq!(
        shown,
        "AccessToken { token: [redacted], expires_in: None, .. }"
    );
    let shown = format!("{:?}", ok(TOKEN).token());
    assert!(shown.contains("expires_in: Some(3600s)"), "{shown}");
}

// fault: access-token-with-a-forbidden-character
#[test]
fn token_of_every_permitted_character_is_taken() {
    let every: String = (0x21..=0x7E_u8).map(char::from).collect();
    let json = every.replace('\\', r"\\").replace('"', r#"\""#);
    let token = with("access_token", &format!("\"{json}\"")).token();
    assert_eq!(token.expose(), every);
    assert_eq!(
        token.authorization().as_bytes(),
        format!("Bearer {every}").as_bytes()
    );
}

// fault: access-token-size
#[test]
fn token_of_64_kib_is_taken_and_of_1_mib_is_too_large() {
    assert_eq!(with("access_token", r#""a""#).token().expose(), "a");
    let kib_64 = "a".repeat(64 * 1024);
    assert_eq!(
        with("access_token", &format!("\"{kib_64}\""))
            .token()
            .expose(),
        kib_64
    );
    let mib = "a".repeat(1024 * 1024);
    assert_eq!(
        with("access_token", &format!("\"{mib}\"")).reason(),
        MalformedReason::TooLarge
    );
}

// Were each place of one compared with all of the other, this would take minutes.
#[test]
fn scope_that_resembles_the_token_is_read_in_linear_time() {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap();
    for (c, n) in [("x", 32_000), (r"\\\\", 8_000)] {
        let (token, scope) = (c.repeat(n), c.repeat(2 * n));
        let body = format!(r#"{{"access_token":"{token}!","scope":"{scope}"}}"#);
        let token = status(200).body(body).read_by(&config).unwrap();
        assert!(token.scope().unwrap().starts_with("[withheld: "));
    }
}
