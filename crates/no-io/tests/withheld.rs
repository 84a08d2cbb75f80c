//! A response that repeats a credential: none of it is printed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_no_io::{Config, ConfigBuilder, Secret, TokenError, token_response};
use http::{Response, StatusCode};

const SECRET: &str = "Zo5_U2v9-qkBq0Wm6mJm1vZkT8oSg3wXrYp4dNcLh7eRiUaQfKxEtMbJyPsVnC2D";
const WITHHELD: &str = "[withheld: it repeats a credential]";

fn config() -> Config {
    let endpoint = "https://login.example/oauth/token?tenant=contoso-4711&code=c0de%2Bof%2Bours&v=1&aud=https%3A%2F%2Fapi.example";
    let builder = Config::builder(endpoint, "my-client").client_secret(Secret::new(SECRET));
    let params = [
        ("api_key", "k3y-of-ours-and-no-one-elses"),
        ("pin", "pin-77"),
        ("tenant_id", "t-123"),
        ("version", "2"),
        ("hook", "https://hooks.contoso.net/x"),
    ];
    let builder = builder.audience("https://api.example/t-123");
    let set = |builder: ConfigBuilder, (name, value)| builder.param(name, value);
    params.into_iter().fold(builder, set).build().unwrap()
}

fn read(response: http::response::Builder, body: String) -> TokenError {
    token_response(&config(), &response.body(body).unwrap()).unwrap_err()
}

fn described(words: &str) -> Option<String> {
    let words = serde_json::Value::from(words);
    let body = format!(r#"{{"error":"invalid_client","error_description":{words}}}"#);
    let error = read(Response::builder().status(400), body);
    assert_eq!(error.code(), Some("invalid_client"));
    error.description().map(str::to_owned)
}

// fault: echo-of-a-part
#[test]
fn part_of_the_secret_is_withheld_wherever_it_is_shown() {
    for part in [&SECRET[..40], &SECRET[24..], &SECRET[10..18], SECRET] {
        let words = format!("client authentication failed for secret {part}...");
        assert_eq!(described(&words).as_deref(), Some(WITHHELD));
        let json = |member: &str| format!(r#"{{"{member}":"x {part}"}}"#);
        let status = |status: u16| Response::builder().status(status);
        for error in [
            read(status(400), json("error")),
            read(status(400), json("message")),
            read(
                status(200).header("content-type", format!("text/{part}")),
                String::new(),
            ),
            read(
                status(302).header("location", format!("https://{part}.example")),
                String::new(),
            ),
            read(
                status(302).header(
                    "location",
                    format!("https://{}.example", part.to_lowercase()),
                ),
                String::new(),
            ),
        ] {
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.to_lowercase().contains(&part.to_lowercase()),
                "{shown}"
            );
        }
    }
}

// fault: echo-of-a-parameter
#[test]
fn extra_parameter_or_query_is_withheld() {
    for part in [
        "k3y-of-ours-and-no-one-elses",
        "k3y-of-ours",
        "pin-77",
        "contoso-4711",
        "tenant=contoso-4711&code=c0de%2Bof%2Bours",
        "c0de+of+ours",
        "hooks.contoso.net",
    ] {
        assert_eq!(
            described(&format!("not {part}!")).as_deref(),
            Some(WITHHELD),
            "{part}"
        );
    }
}

// fault: echo-of-a-parameter
#[test]
fn public_or_very_short_value_withholds_nothing() {
    for words in [
        "Service not enabled within domain: https://api.example/t-123",
        "1 of 2 tokens: my-client at login.example/oauth/token",
        "see https://www.example",
        "an invalid_client",
    ] {
        assert_eq!(described(words).as_deref(), Some(words));
    }
}

// fault: echo-in-another-spelling
#[test]
fn standard_code_is_shown_even_if_the_secret_looks_like_it() {
    let config = Config::builder("https://login.example", "id")
        .client_secret(Secret::new("my_invalid_client_1"))
        .build()
        .unwrap();
    let mut response =
        Response::new(r#"{"error":"invalid_client","error_description":"invalid_client"}"#);
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let error = token_response(&config, &response).unwrap_err();
    assert_eq!(
        (error.code(), error.description()),
        (Some("invalid_client"), Some(WITHHELD))
    );
}

// fault: echo-of-a-part
#[test]
fn part_of_the_token_is_withheld() {
    let body = r#"{"access_token":"t0ken-of-ours","error":"x","error_description":"no t0ken-of"}"#;
    let error = read(Response::builder(), body.to_owned());
    assert_eq!(error.description(), Some(WITHHELD));
    let body = r#"{"access_token":"t0ken-of-ours","scope":"read t0ken-of"}"#;
    let token = token_response(&config(), &Response::new(body)).unwrap();
    assert_eq!(token.scope(), Some(WITHHELD));
    assert_eq!(token.clone().scope(), Some(WITHHELD));
}

// fault: long-response-that-echoes
#[test]
fn response_at_the_limit_takes_linear_time() {
    let mut state = 1_u64;
    let mut hex = |length: usize| -> String {
        let digit = |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(b"0123456789abcdef"[(state >> 60) as usize])
        };
        (0..length).map(digit).collect()
    };
    let words: Vec<_> = (0..6_700).map(|i| format!("\"w{i:06}\"")).collect();
    // Each of these is nearly repeated everywhere. If each place was compared with each other, it would take minutes.
    for (token, description) in [
        (format!("[{}]", words.join(",")), "w00000".repeat(8_000)),
        (format!("\"{}\"", hex(120 * 1024)), hex(2 * 1024)),
        (
            format!("\"{}\"", "x".repeat(64 * 1024)),
            "xxxxxxx ".repeat(7 * 1024),
        ),
        (
            format!("\"{}\"", "%25".repeat(20 * 1024)),
            "%2525 ".repeat(10 * 1024),
        ),
        (
            format!("\"{}\"", r"\\".repeat(30 * 1024)),
            r"\\u005".repeat(10 * 1024),
        ),
        ("null".to_owned(), "&#38;".repeat(20 * 1024)),
        ("null".to_owned(), "QUJD".repeat(30 * 1024)),
    ] {
        let body = format!(
            r#"{{"access_token":{token},"error":"x","error_description":"{description}","scope":"{}"}}"#,
            &description[..1_000]
        );
        for status in [200, 400] {
            let error = read(Response::builder().status(status), body.clone());
            assert!(error.description().unwrap().len() < 600);
            // Nearly well formed, and so read twice.
            let _ = read(Response::builder().status(status), body.clone() + ",");
        }
    }
    let braces = "{\"a\":".repeat(20 * 1024);
    assert!(
        read(Response::builder().status(400), braces)
            .description()
            .is_none()
    );
}
