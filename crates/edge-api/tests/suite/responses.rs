//! Documented and possible responses are read. The service varies, and parts of it are not documented.

use std::time::Duration;

use edge_oauth_no_io::Operation;
use experience_edge_api::{ExecutionMode, NewKey, SettingsPatch, WebhookEdit};
use http::{HeaderValue, Response};

use crate::support::{HASH, KEY, KEY_JSON, WEBHOOK_JSON, edge, hash, key, parsed, response};

#[test]
fn settings_are_read_in_any_letter_case() {
    for body in [
        r#"{"contentCacheTtl":"04:00:00","mediaCacheTtl":"720.00:00:00","contentCacheAutoClear":true,"mediaCacheAutoClear":false}"#,
        r#"{"ContentCacheTtl":"04:00:00","MediaCacheTtl":"720.00:00:00","ContentCacheAutoClear":true,"MediaCacheAutoClear":false}"#,
        "\u{feff}{\"contentcachettl\":\"04:00:00\",\"mediacachettl\":\"720.00:00:00\",\"contentcacheautoclear\":true,\"mediacacheautoclear\":false,\"tenantcacheautoclear\":null}",
    ] {
        let settings = parsed(&edge().settings(), body).unwrap();
        assert_eq!(
            settings.content_cache_ttl(),
            Some(Duration::from_secs(14_400))
        );
        assert_eq!(
            settings.media_cache_ttl(),
            Some(Duration::from_secs(62_208_000))
        );
        assert_eq!(settings.content_cache_auto_clear(), Some(true));
        assert_eq!(settings.media_cache_auto_clear(), Some(false));
        assert_eq!(settings.tenant_cache_auto_clear(), None);
    }
}

#[test]
fn patch_response_may_be_empty() {
    let patch = edge()
        .patch_settings(SettingsPatch::new().media_cache_auto_clear(true))
        .unwrap();
    for status in [200, 202, 204] {
        assert_eq!(patch.parse(&response(status, "")).unwrap(), None);
    }
    let settings = parsed(&patch, r#"{"mediaCacheAutoClear":true}"#)
        .unwrap()
        .unwrap();
    assert_eq!(settings.media_cache_auto_clear(), Some(true));
}

/// Calls `$check` with each operation that has no result.
macro_rules! for_each_operation_without_result {
    ($check:expr) => {{
        let edit = WebhookEdit::new("a", "https://www.example.com/");
        $check(&edge().update_settings(&Default::default()));
        $check(&edge().clear_cache());
        $check(&edge().delete_content());
        $check(&edge().update_webhook("7", &edit).unwrap());
        $check(&edge().delete_webhook("7").unwrap());
        $check(&edge().rename_key(&key(), "new").unwrap());
        $check(&edge().rename_key_by_hash(&hash(), "new").unwrap());
        $check(&edge().revoke_key(&key()).unwrap());
        $check(&edge().revoke_key_by_hash(&hash()));
    }};
}

#[test]
fn operation_without_a_result_needs_a_success_only() {
    fn check(operation: &impl Operation<Output = ()>) {
        for status in [200, 201, 202, 204] {
            for body in [
                "",
                "true",
                " true\n",
                "{}",
                r#"{"contentCacheTtl":7}"#,
                "\"OK\"",
                "OK",
            ] {
                assert_eq!(
                    operation.parse(&response(status, body)),
                    Ok(()),
                    "{status} {body}"
                );
            }
        }
    }
    for_each_operation_without_result!(check);
}

#[test]
fn false_and_a_web_page_are_errors() {
    fn check(operation: &impl Operation<Output = ()>) {
        for no in [" false ", "\u{feff}false", "\u{feff} false\r\n"] {
            let no = operation.parse(&response(200, no)).unwrap_err();
            assert_eq!(no.to_string(), "the API responded with status 200: false");
            assert!(!no.is_transient());
        }
        for (content_type, body) in [
            ("text/plain", "\n<!DOCTYPE html>"),
            ("application/json", "\u{feff}<html>"),
            ("text/html", "Please log in"),
            ("Text/HTML; charset=utf-8", "\u{feff}Please log in"),
        ] {
            let page = operation
                .parse(&with_content_type(content_type, body))
                .unwrap_err();
            let shown = page.to_string();
            assert!(shown.ends_with("the body is a web page"), "{body}: {shown}");
        }
        // The content type that a gateway sets does not matter if the body is the service's.
        for body in ["", "true", "{}"] {
            assert_eq!(
                operation.parse(&with_content_type("text/html", body)),
                Ok(())
            );
        }
        assert!(
            operation
                .parse(&with_content_type("text/html", "false"))
                .is_err()
        );
        assert!(
            operation
                .parse(&with_content_type("text/plain", "False"))
                .is_err()
        );
    }
    for_each_operation_without_result!(check);
}

#[test]
fn web_page_is_not_a_new_key() {
    let create = edge().create_key(&NewKey::delivery("www", "ci")).unwrap();
    for (content_type, body) in [("text/html", KEY), ("text/plain", "\u{feff}<html>")] {
        let page = create
            .parse(&with_content_type(content_type, body))
            .unwrap_err();
        assert!(page.to_string().ends_with("is a web page"), "{page}");
    }
}

fn with_content_type(content_type: &'static str, body: &str) -> Response<Vec<u8>> {
    let mut response = response(200, body);
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert("content-type", content_type);
    response
}

#[test]
fn error_has_the_services_message_and_a_hint_about_the_kind_of_client() {
    fn check(operation: &impl Operation<Output = ()>) {
        for (status, hint) in [
            (400, false),
            (401, true),
            (403, true),
            (404, false),
            (500, false),
        ] {
            let error = operation
                .parse(&response(status, r#"{"Message":"No"}"#))
                .unwrap_err();
            assert_eq!(
                (error.status().as_u16(), error.message()),
                (status, Some("No"))
            );
            let says = error
                .hint()
                .is_some_and(|hint| hint.contains("Edge administration"));
            assert_eq!(says, hint, "{status}");
            assert_eq!(error.is_transient(), status == 500);
        }
    }
    for_each_operation_without_result!(check);
}

#[test]
fn webhook_is_read_in_every_documented_form() {
    let webhooks = parsed(&edge().webhooks(), &format!("[{WEBHOOK_JSON}]")).unwrap();
    let webhook = &webhooks[0];
    assert_eq!((webhook.id(), webhook.label()), ("7", "Revalidate"));
    assert_eq!(webhook.uri(), "https://www.example.com/hook");
    assert_eq!(webhook.method(), Some("POST"));
    assert_eq!(webhook.headers().collect::<Vec<_>>(), [("x-key", "h3ader")]);
    assert_eq!((webhook.body(), webhook.body_include()), (Some(""), None));
    assert_eq!(webhook.execution_mode(), ExecutionMode::OnEnd);
    assert_eq!(webhook.created(), Some("2026-01-02T03:04:05Z"));
    assert_eq!(
        (webhook.created_by(), webhook.tenant_id()),
        (Some("ci"), Some("acme"))
    );
    assert!(!webhook.is_disabled());
    let runs = webhook.last_runs();
    assert_eq!(
        (runs.len(), runs[0].success, runs[0].message.as_deref()),
        (1, Some(false), Some("503"))
    );

    let get = edge().webhook("7").unwrap();
    let pascal = r#"{"Id":"7","ExecutionMode":"onupdate","Disabled":true,"BodyInclude":{"a":1},"LastRuns":"none"}"#;
    let webhook = parsed(&get, pascal).unwrap();
    assert_eq!(webhook.execution_mode(), ExecutionMode::OnUpdate);
    assert_eq!(webhook.body_include().as_deref(), Some(r#"{"a":1}"#));
    assert!(webhook.is_disabled() && webhook.last_runs().is_empty());

    let text = parsed(
        &get,
        r#"{"id":"7","bodyInclude":"{\"a\":1}","executionMode":"OnMoon","lastRuns":[7,{}]}"#,
    )
    .unwrap();
    assert_eq!(text.body_include().as_deref(), Some(r#"{"a":1}"#));
    assert_eq!(
        text.execution_mode(),
        ExecutionMode::Other("OnMoon".to_owned())
    );
    assert_eq!(text.last_runs().len(), 1);
}

// fault: null-in-a-list
#[test]
fn null_among_headers_and_scopes_is_left_out() {
    let list = r#"[{"id":"7","headers":{"x-key":"k","x-none":null}},{"id":"8"}]"#;
    let webhooks = parsed(&edge().webhooks(), list).unwrap();
    assert_eq!(webhooks.len(), 2);
    assert_eq!(webhooks[0].headers().collect::<Vec<_>>(), [("x-key", "k")]);
    let update = edge().update_webhook("7", &webhooks[0].edit().label("new"));
    let body = String::from_utf8(update.unwrap().request().body().as_ref().to_vec()).unwrap();
    assert!(body.contains(r#""x-none":null"#), "{body}");

    let key = format!(r#"{{"hash":"{HASH}","scopes":["audience-delivery",null]}}"#);
    let key = parsed(&edge().key_by_hash(&hash()), &key).unwrap();
    assert_eq!(key.scopes, ["audience-delivery"]);
}

#[test]
fn created_webhook_is_read_from_the_body_or_from_location() {
    let create = edge()
        .create_webhook(&WebhookEdit::new("a", "https://www.example.com/"))
        .unwrap();
    let created = create.parse(&response(201, WEBHOOK_JSON)).unwrap();
    assert_eq!(created.unwrap().id(), "7");

    for location in [
        "/api/admin/v1/webhooks/a%20b",
        "https://edge.sitecorecloud.io/api/admin/v1/webhooks/a%20b/?x",
    ] {
        let mut response = response(201, "");
        response
            .headers_mut()
            .insert("location", location.parse().unwrap());
        let webhook = create.parse(&response).unwrap().unwrap();
        assert_eq!((webhook.id(), webhook.label()), ("a b", "a"));
    }
    for location in [
        "/api/admin/v1/webhooks/",
        "/elsewhere",
        "/api/admin/v1/webhooks/%FF",
    ] {
        let mut response = response(201, "");
        response
            .headers_mut()
            .insert("location", location.parse().unwrap());
        assert_eq!(create.parse(&response), Ok(None), "{location}");
    }
}

#[test]
fn created_webhook_without_body_and_location_is_none() {
    let create = edge()
        .create_webhook(&WebhookEdit::new("a", "https://www.example.com/"))
        .unwrap();
    for status in [200, 201, 202, 204] {
        for body in ["", " \r\n", "\u{feff}"] {
            assert_eq!(create.parse(&response(status, body)), Ok(None));
        }
    }
}

#[test]
fn new_key_is_read_from_text_and_from_json() {
    let create = edge().create_key(&NewKey::delivery("www", "ci")).unwrap();
    for (status, body) in [
        (201, KEY.to_owned()),
        (200, format!("{KEY}\r\n")),
        (201, format!("\"{KEY}\"")),
        (200, format!("\u{feff} \"{KEY}\" ")),
    ] {
        assert_eq!(create.parse(&response(status, body)).unwrap().expose(), KEY);
    }
}

#[test]
fn key_is_read_from_an_object_and_from_an_array_of_one() {
    let pascal = KEY_JSON
        .replace("tenantId", "TenantId")
        .replace("\"hash", "\"Hash")
        .replace("isRevoked", "IsRevoked")
        .replace("\"scopes", "\"Scopes");
    let by_key = edge().key(&key()).unwrap();
    for body in [KEY_JSON.to_owned(), format!("[{KEY_JSON}]"), pascal] {
        for found in [
            parsed(&by_key, &body),
            parsed(&edge().key_by_hash(&hash()), &body),
        ] {
            let found = found.unwrap();
            assert_eq!(found.hash.as_str(), HASH);
            assert_eq!((found.label.as_str(), found.is_revoked), ("www", false));
            assert_eq!(found.scopes, ["audience-delivery", "content-#everything#"]);
            assert_eq!(found.created_by.as_deref(), Some("ci"));
            assert_eq!(
                found.created.as_deref(),
                Some("2026-01-02T03:04:05.1234567Z")
            );
            assert_eq!(found.tenant_id.as_deref(), Some("acme"));
        }
    }
    let least = parsed(&by_key, &format!(r#"{{"hash":"{HASH}"}}"#)).unwrap();
    assert_eq!(
        (least.label.as_str(), least.scopes.len(), least.is_revoked),
        ("", 0, false)
    );
}
