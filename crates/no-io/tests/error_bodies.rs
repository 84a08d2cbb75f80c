//! Error responses whose text is long or repeats a secret, and the hint about the body format.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use edge_oauth_no_io::{BodyFormat, Config, Secret, TokenError, token_response};
use http::Response;

fn config() -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret-of-ours"))
        .build()
        .unwrap()
}

fn read(status: u16, body: impl AsRef<[u8]>) -> TokenError {
    read_by(&config(), status, body)
}

fn read_by(config: &Config, status: u16, body: impl AsRef<[u8]>) -> TokenError {
    let response = Response::builder().status(status).body(body).unwrap();
    token_response(config, &response).unwrap_err()
}

// fault: error-in-another-shape
#[test]
fn words_of_another_shape_are_withheld_printable_and_cut() {
    for member in [
        "detail",
        "errorSummary",
        "message",
        "description",
        "title",
        "msg",
    ] {
        let body = format!(r#"{{"{member}":"no s3cret-of-ours"}}"#);
        let error = read(400, body);
        assert!(
            error.description().unwrap().starts_with("[withheld: "),
            "{member}"
        );
        let body = format!(r#"{{"{member}":"\u001b[2J{}"}}"#, "a".repeat(2000));
        let description = read(400, body).description().unwrap().to_owned();
        assert!(
            description.starts_with("?[2Jaaa") && description.len() == 515,
            "{member}"
        );
    }
}

// fault: json-at-a-server-of-forms
#[test]
fn hint_names_the_body_format_if_it_is_json() {
    let json = config()
        .to_builder()
        .body_format(BodyFormat::Json)
        .build()
        .unwrap();
    for (status, body) in [
        (400, r#"{"error":"unsupported_grant_type"}"#),
        (
            400,
            r#"{"error":"invalid_request","error_description":"Missing form parameter: grant_type"}"#,
        ),
        (400, r#"{"message":"grant_type is missing"}"#),
        (400, r#"{"error":"invalid_client"}"#),
        (401, ""),
        (415, ""),
        (415, r#"{"error":"x"}"#),
    ] {
        let error = read_by(&json, status, body);
        assert!(error.hint().unwrap().contains("form"), "{status} {body}");
        let hint = read(status, body).hint().unwrap_or_default();
        assert!(!hint.contains("JSON") || status == 415, "{hint}");
    }
    let error = read_by(&json, 403, r#"{"error":"access_denied"}"#);
    assert_eq!(error.hint(), None);
}
