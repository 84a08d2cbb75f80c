//! The reading of a webhook's payload.

use edge_oauth_no_io::Secret;
use experience_edge_api::payload::{Change, OnUpdate, has_secret};
use http::{HeaderMap, HeaderValue};

const BODY: &str = r#"{"invocation_id":"i","updates":[
    {"identifier":"a","entity_definition":"Item","operation":"Update","entity_culture":"en"},
    {"identifier":"b","operation":"delete","entity_culture":null},
    {"identifier":"c","operation":"Moved","more":1}],"continues":true,"site":"www"}"#;

#[test]
fn payload_is_read_in_any_letter_case() {
    let pascal = BODY
        .replace("invocation_id", "Invocation_Id")
        .replace("operation", "Operation");
    for body in [BODY.to_owned(), pascal, format!("\u{feff}{BODY}")] {
        let payload = OnUpdate::parse(body.as_bytes()).unwrap();
        assert_eq!(
            (payload.invocation_id.as_str(), payload.continues),
            ("i", true)
        );
        let [first, second, third] = &payload.updates[..] else {
            panic!("three updates")
        };
        assert_eq!(
            (first.identifier.as_str(), &first.operation),
            ("a", &Change::Update)
        );
        assert_eq!(first.entity_definition.as_deref(), Some("Item"));
        assert_eq!(first.entity_culture.as_deref(), Some("en"));
        assert_eq!(
            (&second.operation, &second.entity_culture),
            (&Change::Delete, &None)
        );
        assert_eq!(third.operation, Change::Other("Moved".to_owned()));
    }
}

#[test]
fn secret_of_a_request_is_compared_as_a_whole() {
    let has = |values: &[&'static str], secret: &str| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-revalidate", HeaderValue::from_static(value));
        }
        has_secret(&headers, "X-Revalidate", &Secret::new(secret))
    };
    assert!(has(&["s3cret"], "s3cret"));
    for value in ["", "s3cre", "s3cret1", "S3cret", "s3creT", "x3cret"] {
        assert!(!has(&[value], "s3cret"), "{value}");
    }
    assert!(!has(&[], "s3cret") && !has(&[], "") && !has(&[""], ""));
    assert!(!has(&["s3cret", "s3cret"], "s3cret"));
    assert!(!has_secret(
        &HeaderMap::new(),
        "not a name",
        &Secret::new("s3cret")
    ));
}

#[test]
fn large_payload_is_read_whole() {
    let update = r#"{"identifier":"a","operation":"Update"}"#;
    let updates = vec![update; 50_000].join(",");
    let body = format!(r#"{{"invocation_id":"i","updates":[{updates}]}}"#);
    let payload = OnUpdate::parse(body.as_bytes()).unwrap();
    assert_eq!((payload.updates.len(), payload.continues), (50_000, false));
}

#[test]
fn malformed_payload_names_the_member() {
    for (body, member) in [
        ("", "the body"),
        ("planted", "the body"),
        ("[]", "the body"),
        ("{}", "updates"),
        (r#"{"updates":"planted"}"#, "updates"),
        (r#"{"updates":["planted"],"invocation_id":"i"}"#, "updates"),
        (r#"{"updates":[]}"#, "invocation_id"),
        (r#"{"updates":[],"invocation_id":1}"#, "invocation_id"),
        (r#"{"updates":[],"continues":"planted"}"#, "continues"),
        (r#"{"updates":[{}],"invocation_id":"i"}"#, "identifier"),
        (
            r#"{"updates":[{"identifier":"planted"}],"invocation_id":"i"}"#,
            "operation",
        ),
        (
            r#"{"updates":[{"identifier":"a","operation":"b","entity_culture":1}],"invocation_id":"i"}"#,
            "entity_culture",
        ),
    ] {
        let error = OnUpdate::parse(body.as_bytes()).unwrap_err();
        assert_eq!(error.member(), member, "{body}");
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains(member) && !shown.contains("planted"),
            "{shown}"
        );
    }
    assert!(OnUpdate::parse(&b"[".repeat(1 << 20)).is_err());
    assert!(OnUpdate::parse(b"\xff").is_err());
}
