//! The requests of the 18 operations of the Edge APIs match the service's documentation, byte for byte.

use std::time::Duration;

use experience_edge_api::{ExecutionMode, KeyFilter, NewKey, Settings, SettingsPatch, WebhookEdit};

use crate::support::{HASH, KEY, edge, hash, key, sent};

const ADMIN: &str = "https://edge.sitecorecloud.io/api/admin/v1";
const KEYS: &str = "https://edge.sitecorecloud.io/api/apikey/v1";
const ACCEPT: &str = "accept: application/json\n";

/// Returns a request with a JSON body.
fn with_json(line: &str, accept: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{line}\naccept: {accept}\ncontent-length: {length}\ncontent-type: {content_type}\n\n{body}"
    )
}

fn json(line: &str, body: &str) -> String {
    with_json(line, "application/json", "application/json", body)
}

#[test]
fn settings_requests_match_the_documentation() {
    assert_eq!(
        sent(&edge().settings()),
        format!("GET {ADMIN}/settings\n{ACCEPT}\n")
    );

    let settings = Settings::new()
        .with_content_cache_ttl(Duration::from_secs(900))
        .unwrap()
        .with_media_cache_ttl(Duration::from_secs(720 * 86_400))
        .unwrap()
        .with_content_cache_auto_clear(true)
        .with_media_cache_auto_clear(false)
        .with_tenant_cache_auto_clear(true);
    assert_eq!(
        sent(&edge().update_settings(&settings)),
        json(
            &format!("PUT {ADMIN}/settings"),
            r#"{"contentCacheAutoClear":true,"contentCacheTtl":"00:15:00","mediaCacheAutoClear":false,"mediaCacheTtl":"720.00:00:00","tenantCacheAutoClear":true}"#
        )
    );

    let patch = SettingsPatch::new()
        .content_cache_ttl(Duration::from_secs(900))
        .unwrap();
    assert_eq!(
        sent(&edge().patch_settings(patch.clone()).unwrap()),
        with_json(
            &format!("PATCH {ADMIN}/settings"),
            "application/json",
            "application/json-patch+json",
            r#"[{"op":"replace","path":"/contentcachettl","value":"00:15:00"}]"#
        )
    );
    let patch = patch
        .media_cache_ttl(Duration::ZERO)
        .unwrap()
        .content_cache_auto_clear(true)
        .media_cache_auto_clear(true)
        .tenant_cache_auto_clear(true)
        .content_cache_auto_clear(false);
    let body = sent(&edge().patch_settings(patch).unwrap());
    let paths: Vec<_> = body
        .split(r#""path":""#)
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap())
        .collect();
    assert_eq!(
        paths,
        [
            r#"/contentcachettl","value":"00:15:00""#,
            r#"/mediacachettl","value":"00:00:00""#,
            r#"/mediacacheautoclear","value":true"#,
            r#"/tenantcacheautoclear","value":true"#,
            r#"/contentcacheautoclear","value":false"#,
        ]
    );
}

#[test]
fn cache_and_content_requests_match_the_documentation() {
    assert_eq!(
        sent(&edge().clear_cache()),
        format!("DELETE {ADMIN}/cache\n{ACCEPT}\n")
    );
    assert_eq!(
        sent(&edge().delete_content()),
        format!("DELETE {ADMIN}/content\n{ACCEPT}\n")
    );
}

#[test]
fn webhook_requests_match_the_documentation() {
    assert_eq!(
        sent(&edge().webhooks()),
        format!("GET {ADMIN}/webhooks\n{ACCEPT}\n")
    );
    assert_eq!(
        sent(&edge().webhook("7").unwrap()),
        format!("GET {ADMIN}/webhooks/7\n{ACCEPT}\n")
    );
    assert_eq!(
        sent(&edge().delete_webhook("a/b c").unwrap()),
        format!("DELETE {ADMIN}/webhooks/a%2Fb%20c\n{ACCEPT}\n")
    );

    let on_end = WebhookEdit::new("Revalidate", "https://www.example.com/hook")
        .header("x-key", "one")
        .header("X-Key", "two")
        .header("x-other", "three")
        .without_header("X-OTHER")
        .body("{}")
        .created_by("ci");
    assert_eq!(
        sent(&edge().create_webhook(&on_end).unwrap()),
        json(
            &format!("POST {ADMIN}/webhooks"),
            r#"{"body":"{}","createdBy":"ci","executionMode":"OnEnd","headers":{"x-key":"two"},"label":"Revalidate","method":"POST","uri":"https://www.example.com/hook"}"#
        )
    );

    let on_update = WebhookEdit::new("Index", "https://www.example.com/hook")
        .execution_mode(ExecutionMode::OnUpdate)
        .body_include(r#"{"site":"www"}"#);
    assert_eq!(
        sent(&edge().update_webhook("7", &on_update).unwrap()),
        json(
            &format!("PUT {ADMIN}/webhooks/7"),
            r#"{"bodyInclude":{"site":"www"},"disabled":false,"executionMode":"OnUpdate","label":"Index","method":"POST","uri":"https://www.example.com/hook"}"#
        )
    );
}

#[test]
fn key_requests_match_the_documentation() {
    assert_eq!(
        sent(&edge().create_key(&NewKey::delivery("www", "ci")).unwrap()),
        with_json(
            &format!("POST {KEYS}"),
            "text/plain, application/json",
            "application/json",
            r##"{"CreatedBy":"ci","Label":"www","Scopes":["audience-delivery","content-#everything#"]}"##
        )
    );
    assert_eq!(
        sent(&edge().keys(KeyFilter::new()).unwrap()),
        format!("GET {KEYS}\n{ACCEPT}\n")
    );
    let filter = KeyFilter::new()
        .scope("audience-delivery")
        .scope("content-#everything#")
        .label("www & more")
        .page_size(50.try_into().unwrap())
        .page(3.try_into().unwrap())
        .active_only()
        .created_by("ci");
    assert_eq!(
        sent(&edge().keys(filter).unwrap()),
        format!(
            "GET {KEYS}?scopes=audience-delivery&scopes=content-%23everything%23&label=www+%26+more\
             &pagesize=50&pagenumber=3&filterRevoked=true&createdBy=ci\n{ACCEPT}\n"
        )
    );

    let token = format!("x-gql-token: {KEY}\n");
    let none = format!("{ACCEPT}content-length: 0\n");
    assert_eq!(
        sent(&edge().key_by_hash(&hash())),
        format!("GET {KEYS}/{HASH}\n{ACCEPT}\n")
    );
    assert_eq!(
        sent(&edge().key(&key()).unwrap()),
        format!("GET {KEYS}/token\n{ACCEPT}{token}\n")
    );
    assert_eq!(
        sent(&edge().rename_key_by_hash(&hash(), "new").unwrap()),
        json(
            &format!("PUT {KEYS}/renamebyhash/{HASH}"),
            r#"{"newName":"new"}"#
        )
    );
    assert_eq!(
        sent(&edge().rename_key(&key(), "new").unwrap()),
        format!(
            "PUT {KEYS}/renamebytoken\n{ACCEPT}content-length: 17\ncontent-type: application/json\n{token}\n{}",
            r#"{"newName":"new"}"#
        )
    );
    assert_eq!(
        sent(&edge().revoke_key_by_hash(&hash())),
        format!("PUT {KEYS}/revokebyhash/{HASH}\n{none}\n")
    );
    assert_eq!(
        sent(&edge().revoke_key(&key()).unwrap()),
        format!("PUT {KEYS}/revokebytoken\n{none}{token}\n")
    );
}
