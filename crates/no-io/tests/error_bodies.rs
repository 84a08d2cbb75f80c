//! Error responses whose text is long or repeats a secret, and the hint about the body format.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::borrow::Cow;

use edge_oauth_no_io::{BODY_LIMIT, BodyFormat, Config, Secret, TokenError, token_response};
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

fn code_and_words(body: impl AsRef<[u8]>) -> (Option<String>, Option<String>) {
    match read(400, body) {
        TokenError::ErrorResponse(error) => (error.code.map(Cow::into_owned), error.description),
        other => panic!("{other:?}"),
    }
}

// fault: error-nearly-well-formed
#[test]
fn error_of_another_encoding_or_with_odd_characters_is_read() {
    let json = r#"{"error":"invalid_client"}"#;
    let utf_16 = |mark: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let text = format!("{mark}{json}");
        text.encode_utf16().flat_map(bytes).collect()
    };
    for mark in ["", "\u{feff}"] {
        for bytes in [u16::to_le_bytes as fn(u16) -> _, u16::to_be_bytes] {
            let (code, _) = code_and_words(utf_16(mark, bytes));
            assert_eq!(code.as_deref(), Some("invalid_client"), "{mark:?}");
        }
    }
    for (body, words) in [
        ("{\"error\":\"a\",\"error_description\":\"b\u{1}c\"}", "b c"),
        (
            r#"{"error":"a","error_description":"C:\users",}"#,
            "C:users",
        ),
        (r#"{"error":"a","error_description":"C:\u0041",}"#, "C:A"),
    ] {
        let (code, description) = code_and_words(body);
        assert_eq!(code.as_deref(), Some("a"), "{body}");
        assert_eq!(description.as_deref(), Some(words), "{body}");
    }
}

#[test]
fn white_space_around_code_and_words_is_left_out() {
    for space in [" ", "\u{3000}", r"\n"] {
        let (around_code, around_words) =
            (format!("{space}a{space}"), format!("{space}b c{space}"));
        let body = format!(r#"{{"error":"{around_code}","error_description":"{around_words}"}}"#);
        let found = code_and_words(body);
        assert_eq!(found, (Some("a".into()), Some("b c".into())), "{space:?}");
    }
}

// fault: error-in-another-shape
#[test]
fn more_particular_words_and_the_outer_ones_come_first() {
    for (body, words) in [
        (r#"{"reason":"a"}"#, "a"),
        (r#"{"reason":"a","description":"b"}"#, "b"),
        (r#"{"title":"a","reason":"b"}"#, "b"),
        (r#"{"error":{"message":"a"},"description":"b"}"#, "b"),
        (r#"{"error":{"data":{"message":"a"},"reason":"b"}}"#, "b"),
        (r#"{"error":{"error":{"message":"a"},"reason":"b"}}"#, "b"),
        (
            r#"{"message":{"message":"a","error":{"error_description":"b"}}}"#,
            "a",
        ),
        (
            r#"{"title":{"title":{"message":"a"},"title":"b","reason":"c"}}"#,
            "c",
        ),
        (r#"{"error":{"error":{"error":{"message":"a"}}}}"#, "a"),
    ] {
        let (_, description) = code_and_words(body);
        assert_eq!(description.as_deref(), Some(words), "{body}");
    }
    let deep = r#"{"error":{"error":{"error":{"error":{"message":"a"}}}}}"#;
    assert_eq!(code_and_words(deep).1, None);
}

// fault: error-nearly-well-formed
#[test]
fn object_that_the_body_begins_with_is_the_error() {
    let (code, words) = code_and_words(r#"{"unknown":1,} {"error":"later"}"#);
    assert_eq!((code, words), (None, None));
    let (code, _) = code_and_words(r#"Warning: {no} {"error":"later",}"#);
    assert_eq!(code.as_deref(), Some("later"));
}

#[test]
fn error_response_over_the_limit_has_no_code() {
    let body = format!(
        r#"{{"error":"invalid_client","x":"{}"}}"#,
        "a".repeat(BODY_LIMIT)
    );
    assert_eq!(read(400, body).code(), None);
}

// fault: error-nearly-well-formed
#[test]
fn error_that_is_nearly_well_formed_is_read_within_the_first_16_kib() {
    let body = |before: usize| format!(r#"{}{{"error":"a",}}"#, " .".repeat(before / 2));
    let code = |before| code_and_words_if_any(body(before));
    assert_eq!(code(15 * 1024).as_deref(), Some("a"));
    assert_eq!(code(17 * 1024), None);
}

fn code_and_words_if_any(body: String) -> Option<String> {
    read(400, body).code().map(str::to_owned)
}

// fault: error-in-another-shape
#[test]
fn form_of_unknown_members_is_read_if_its_type_says_so() {
    let words = |content_type| {
        let response = Response::builder()
            .status(400)
            .header("content-type", content_type);
        let response = response.body("reason=no+way").unwrap();
        let error = token_response(&config(), &response).unwrap_err();
        error.description().map(str::to_owned)
    };
    let form = words("application/x-www-form-urlencoded; charset=utf-8");
    assert_eq!(form.as_deref(), Some("no way"));
    assert_eq!(words("text/plain"), None);
}
