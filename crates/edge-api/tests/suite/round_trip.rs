//! Settings and webhooks that are read, edited and sent keep all their members.

use std::time::Duration;

use edge_oauth_no_io::Operation;
use experience_edge_api::ExecutionMode;

use crate::support::{WEBHOOK_JSON, edge, parsed};

fn body(operation: &impl Operation) -> String {
    String::from_utf8(operation.request().body().as_ref().to_vec()).unwrap()
}

#[test]
fn settings_keep_unknown_members_and_the_letter_case() {
    let read = r#"{"ContentCacheTtl":"00:00:01.5","MediaCacheTtl":"1.00:00:00","Nested":{"list":[1,null,"x"]},"contentcacheautoclear":true}"#;
    let settings = parsed(&edge().settings(), read).unwrap();
    assert_eq!(
        body(&edge().update_settings(&settings)),
        read,
        "nothing was changed"
    );
    assert_eq!(settings.to_json(), read);

    let changed = settings
        .with_media_cache_ttl(Duration::from_secs(60))
        .unwrap()
        .with_content_cache_auto_clear(false)
        .with_tenant_cache_auto_clear(true);
    assert_eq!(
        body(&edge().update_settings(&changed)),
        r#"{"ContentCacheTtl":"00:00:01.5","MediaCacheTtl":"00:01:00","Nested":{"list":[1,null,"x"]},"contentcacheautoclear":false,"tenantCacheAutoClear":true}"#
    );
}

#[test]
fn edit_keeps_unknown_members_and_drops_those_that_the_service_sets() {
    let get = edge().webhook("7").unwrap();
    let read = WEBHOOK_JSON.replace(
        "\"disabled\":false",
        "\"disabled\":true,\"retries\":{\"most\":3}",
    );
    let webhook = parsed(&get, &read).unwrap();
    assert_eq!(
        body(&edge().update_webhook("7", &webhook.edit()).unwrap()),
        r#"{"createdBy":"ci","disabled":true,"executionMode":"OnEnd","headers":{"x-key":"h3ader"},"label":"Revalidate","method":"POST","retries":{"most":3},"uri":"https://www.example.com/hook"}"#
    );
    let enabled = webhook
        .edit()
        .disabled(false)
        .header("X-Key", "other")
        .body("now");
    assert_eq!(
        body(&edge().update_webhook("7", &enabled).unwrap()),
        r#"{"body":"now","createdBy":"ci","disabled":false,"executionMode":"OnEnd","headers":{"x-key":"other"},"label":"Revalidate","method":"POST","retries":{"most":3},"uri":"https://www.example.com/hook"}"#
    );
    assert!(webhook.to_json().contains(r#""retries":{"most":3}"#));

    let pascal = r#"{"Id":"7","TenantId":"acme","Created":"x","LastRuns":[],"Label":"a","Uri":"https://a.example/","ExecutionMode":"OnUpdate","BodyInclude":"{\"a\":1}","New":1}"#;
    let edit = parsed(&get, pascal).unwrap().edit().label("b");
    assert_eq!(
        body(&edge().update_webhook("7", &edit).unwrap()),
        r#"{"BodyInclude":{"a":1},"ExecutionMode":"OnUpdate","Label":"b","New":1,"Uri":"https://a.example/","disabled":false}"#
    );
}

#[test]
fn method_and_mode_are_written_as_the_service_spells_them() {
    let read = r#"{"id":"7","label":"a","uri":"https://a.example/","method":"post","executionMode":"onend"}"#;
    let webhook = parsed(&edge().webhook("7").unwrap(), read).unwrap();
    assert_eq!(
        body(&edge().update_webhook("7", &webhook.edit()).unwrap()),
        r#"{"disabled":false,"executionMode":"OnEnd","label":"a","method":"POST","uri":"https://a.example/"}"#
    );
}

#[test]
fn unknown_mode_is_kept_with_its_body() {
    let read = r#"{"id":"7","label":"a","uri":"https://a.example/","executionMode":"OnMoon","body":"b","bodyInclude":{"c":1}}"#;
    let webhook = parsed(&edge().webhook("7").unwrap(), read).unwrap();
    let written = body(&edge().update_webhook("7", &webhook.edit()).unwrap());
    assert_eq!(
        written,
        r#"{"body":"b","bodyInclude":{"c":1},"disabled":false,"executionMode":"OnMoon","label":"a","uri":"https://a.example/"}"#
    );
    let known = webhook
        .edit()
        .execution_mode(ExecutionMode::OnEnd)
        .without_body_include();
    assert!(edge().update_webhook("7", &known).is_ok());
}

#[test]
fn existing_webhook_can_be_enabled_whatever_its_members() {
    for odd in [
        r#"{"id":"7","label":"","uri":"https://hook.example/"}"#,
        r#"{"id":"7","label":"a","uri":"https://me:pw@hook.example:99999/"}"#,
        r#"{"id":"7","label":"a","uri":"https://hook.example/","headers":{"Host":"other.example"}}"#,
        r#"{"id":"7","label":"a","uri":"https://hook.example/","bodyInclude":{"a":1}}"#,
    ] {
        let webhook = parsed(&edge().webhook("7").unwrap(), odd).unwrap();
        let update = edge().update_webhook("7", &webhook.edit().disabled(false));
        assert!(
            body(&update.unwrap()).contains(r#""disabled":false"#),
            "{odd}"
        );
    }
    let odd = r#"{"id":"7","label":"","uri":"https://hook.example/"}"#;
    let webhook = parsed(&edge().webhook("7").unwrap(), odd).unwrap();
    let worse = webhook.edit().uri("http://hook.example/");
    assert_eq!(
        edge().update_webhook("7", &worse).unwrap_err().field(),
        "uri"
    );
}
