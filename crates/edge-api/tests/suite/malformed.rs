//! The error of a success that cannot be read names the member without its value.

use edge_oauth_no_io::{ApiError, Operation};
use experience_edge_api::{JobFilter, KeyFilter, NewKey, SettingsPatch, WebhookEdit};
use http::StatusCode;

use crate::publishing::{nightly, publishing};
use crate::support::{HASH, KEY_JSON, edge, hash, key, response};

/// Checks that the operation rejects each body because of this member.
fn assert_malformed<O: Operation<Output: std::fmt::Debug>>(operation: &O, cases: &[(&str, &str)]) {
    for (body, expected) in cases {
        match operation.parse(&response(200, *body)) {
            Err(error @ ApiError::Malformed { status, member, .. }) => {
                assert_eq!((status, member), (StatusCode::OK, *expected), "{body}");
                assert!(!format!("{error} {error:?}").contains("planted"), "{error}");
                assert!(error.to_string().contains(expected), "{error}");
            }
            other => panic!("{body}: {other:?}"),
        }
    }
}

/// Bodies that are not a JSON object.
const NO_OBJECTS: &[(&str, &str)] = &[
    ("", "the body"),
    ("planted", "the body"),
    ("\"planted\"", "the body"),
    ("<html>planted</html>", "the body"),
    ("7", "the body"),
    ("null", "the body"),
    ("true", "the body"),
    ("{\"planted\":1}x", "the body"),
    ("{\"planted\":", "the body"),
    ("{\"planted\":\"\u{0}\"}", "the body"),
];

#[test]
fn malformed_settings_name_the_member() {
    let cases = &[
        ("[]", "the body"),
        (r#"{"contentCacheTtl":"planted"}"#, "contentCacheTtl"),
        (r#"{"contentCacheTtl":14400}"#, "contentCacheTtl"),
        (r#"{"MEDIACACHETTL":"-1.00:00:00"}"#, "mediaCacheTtl"),
        (
            r#"{"contentCacheAutoClear":"planted"}"#,
            "contentCacheAutoClear",
        ),
        (r#"{"mediaCacheAutoClear":1}"#, "mediaCacheAutoClear"),
        (r#"{"tenantCacheAutoClear":[]}"#, "tenantCacheAutoClear"),
    ];
    assert_malformed(&edge().settings(), NO_OBJECTS);
    assert_malformed(&edge().settings(), cases);
    let patch = SettingsPatch::new().media_cache_auto_clear(true);
    assert_malformed(&edge().patch_settings(patch).unwrap(), cases);
}

#[test]
fn malformed_webhook_names_the_member() {
    let cases = &[
        ("[]", "the body"),
        ("{}", "id"),
        (r#"{"id":null}"#, "id"),
        (r#"{"id":7}"#, "id"),
        (r#"{"id":""}"#, "id"),
        (r#"{"id":"7","label":["planted"]}"#, "label"),
        (r#"{"id":"7","uri":1}"#, "uri"),
        (r#"{"id":"7","method":1}"#, "method"),
        (r#"{"id":"7","body":{}}"#, "body"),
        (r#"{"id":"7","headers":"planted"}"#, "headers"),
        (r#"{"id":"7","headers":{"planted":1}}"#, "headers"),
        (r#"{"id":"7","bodyInclude":["planted"]}"#, "bodyInclude"),
        (r#"{"id":"7","executionMode":1}"#, "executionMode"),
        (r#"{"id":"7","disabled":"planted"}"#, "disabled"),
        (r#"{"id":"7","createdBy":1}"#, "createdBy"),
        (r#"{"id":"7","created":1}"#, "created"),
        (r#"{"id":"7","tenantId":1}"#, "tenantId"),
    ];
    let webhook = WebhookEdit::new("a", "https://www.example.com/");
    assert_malformed(&edge().webhook("7").unwrap(), NO_OBJECTS);
    assert_malformed(&edge().webhook("7").unwrap(), cases);
    assert_malformed(&edge().create_webhook(&webhook).unwrap(), &NO_OBJECTS[1..]);
    assert_malformed(&edge().create_webhook(&webhook).unwrap(), cases);
    assert_malformed(&edge().webhooks(), NO_OBJECTS);
    assert_malformed(
        &edge().webhooks(),
        &[("{}", "the body"), ("[7]", "the body"), ("[{}]", "id")],
    );
}

#[test]
fn malformed_key_names_the_member() {
    let cases = &[
        ("[]", "the body"),
        ("{}", "hash"),
        (r#"{"hash":1}"#, "hash"),
        (r#"{"hash":"planted"}"#, "hash"),
    ];
    assert_malformed(&edge().key(&key()).unwrap(), NO_OBJECTS);
    assert_malformed(&edge().key(&key()).unwrap(), cases);
    assert_malformed(&edge().key_by_hash(&hash()), cases);
    assert_malformed(
        &edge().key_by_hash(&hash()),
        &[(&format!("[{KEY_JSON},{KEY_JSON}]"), "the body")],
    );
    for (member, value) in [
        ("isRevoked", "\"planted\""),
        ("label", "1"),
        ("scopes", "\"planted\""),
        ("scopes", "[1]"),
        ("createdBy", "1"),
        ("created", "1"),
        ("tenantId", "1"),
    ] {
        let key = format!(r#"{{"hash":"{HASH}","{member}":{value}}}"#);
        assert_malformed(&edge().key_by_hash(&hash()), &[(&key, member)]);
        let page = format!(r#"{{"keys":[{key}]}}"#);
        assert_malformed(&edge().keys(KeyFilter::new()).unwrap(), &[(&page, member)]);
    }
}

#[test]
fn malformed_page_names_the_member() {
    assert_malformed(&edge().keys(KeyFilter::new()).unwrap(), NO_OBJECTS);
    assert_malformed(
        &edge().keys(KeyFilter::new()).unwrap(),
        &[
            ("[]", "the body"),
            ("{}", "keys"),
            (r#"{"keys":"planted"}"#, "keys"),
            (r#"{"keys":[7]}"#, "the body"),
            (r#"{"keys":[],"hasNext":"planted"}"#, "hasNext"),
            (r#"{"keys":[],"totalCount":"planted"}"#, "totalCount"),
            (r#"{"keys":[],"totalPages":-1}"#, "totalPages"),
            (r#"{"keys":[],"currentPage":1.5}"#, "currentPage"),
        ],
    );
}

#[test]
fn malformed_new_key_is_an_error() {
    let create = edge().create_key(&NewKey::delivery("www", "ci")).unwrap();
    for body in [
        "",
        " ",
        "\"\"",
        "null",
        "true",
        "0",
        "12345678901234567890",
        "OK",
        "\"OK\"",
        "Created",
        "\"planted",
        "{\"planted-planted\":",
        "\"planted\"x",
        "planted\nagain",
        "planted again",
        "plänted",
        "\"planted\\u0000\"",
        "{\"key\":\"planted\"}",
        "[\"planted\"]",
    ] {
        assert_malformed(&create, &[(body, "the key")]);
    }
    assert_malformed(&create, &[("<html>", "the body")]);
    assert!(
        create
            .parse(&response(201, b"planted\xff".to_vec()))
            .is_err()
    );
}

#[test]
fn malformed_job_names_the_member() {
    let cases = &[
        ("[]", "the body"),
        ("{}", "id"),
        (r#"{"id":7}"#, "id"),
        (r#"{"id":""}"#, "id"),
        (r#"{"id":"7","name":["planted"]}"#, "name"),
        (r#"{"id":"7","source":1}"#, "source"),
        (r#"{"id":"7","description":1}"#, "description"),
        (r#"{"id":"7","system":"planted"}"#, "system"),
        (r#"{"id":"7","system":{"status":1}}"#, "status"),
    ];
    let job = publishing().job("7").unwrap();
    let create = publishing().create_job(&nightly()).unwrap();
    assert_malformed(&job, NO_OBJECTS);
    assert_malformed(&job, cases);
    assert_malformed(&create, &NO_OBJECTS[1..]);
    assert_malformed(&create, cases);
}

#[test]
fn malformed_list_of_jobs_names_the_member() {
    let list = publishing().jobs(JobFilter::new()).unwrap();
    assert_malformed(&list, NO_OBJECTS);
    assert_malformed(
        &list,
        &[
            ("{}", "data"),
            (r#"{"data":"planted"}"#, "data"),
            (r#"{"data":[7]}"#, "the body"),
            ("[7]", "the body"),
            ("[{}]", "id"),
            (r#"{"data":[],"totalCount":"planted"}"#, "totalCount"),
            (r#"{"data":[],"next":{"planted":1}}"#, "next"),
        ],
    );
}

#[test]
fn malformed_summary_values_and_permissions_name_the_member() {
    let summary = publishing().job_summary(None).unwrap();
    assert_malformed(&summary, NO_OBJECTS);
    assert_malformed(
        &summary,
        &[
            ("{}", "counts"),
            (r#"{"counts":"planted"}"#, "counts"),
            (r#"{"counts":{"queued":-1}}"#, "queued"),
            (r#"{"counts":{"failed":"planted"}}"#, "failed"),
        ],
    );
    let values = publishing().job_filter_values(&JobFilter::new()).unwrap();
    assert_malformed(&values, NO_OBJECTS);
    assert_malformed(&publishing().permissions(), NO_OBJECTS);
    assert_malformed(
        &publishing().permissions(),
        &[(r#"{"canCreate":"planted"}"#, "canCreate")],
    );
}
