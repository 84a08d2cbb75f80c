//! Invalid input is rejected before anything is sent, and the error names the field without its value.

use std::time::Duration;

use edge_oauth_no_io::Secret;
use experience_edge_api::{
    ExecutionMode, ExperienceEdge, InputError, KeyFilter, KeyHash, NewKey, Settings, SettingsPatch,
    WebhookEdit,
};
use http::Method;

use crate::support::{HASH, edge, hash, parsed};

fn field<T>(result: Result<T, InputError>) -> &'static str {
    let error = result.err().expect("this is not to be sent");
    assert!(error.to_string().contains(error.field()), "{error}");
    error.field()
}

fn webhook() -> WebhookEdit {
    WebhookEdit::new("label", "https://www.example.com/hook")
}

fn created(webhook: &WebhookEdit) -> &'static str {
    assert!(edge().update_webhook("7", webhook).is_err());
    field(edge().create_webhook(webhook))
}

#[test]
fn base_url_that_a_token_may_not_go_to_is_rejected() {
    for url in [
        "",
        "edge.sitecorecloud.io",
        "/api",
        "http://edge.sitecorecloud.io",
        "ftp://edge.sitecorecloud.io",
        "https://user:pw@edge.sitecorecloud.io",
        "https://edge.sitecorecloud.io/#a",
        "https://edge.sitecorecloud.io/?a",
        "http://127.0.0.1.evil.example",
        &format!("https://edge.sitecorecloud.io/{}", "a".repeat(3000)),
    ] {
        assert_eq!(field(ExperienceEdge::at(url)), "url", "{url}");
    }
    for (url, base) in [
        (
            "https://edge.sitecorecloud.io/",
            "https://edge.sitecorecloud.io",
        ),
        ("http://[::1]:8080", "http://[::1]:8080"),
        (
            "https://gateway.example/edge/",
            "https://gateway.example/edge",
        ),
    ] {
        let edge = ExperienceEdge::at(url).unwrap();
        assert_eq!(edge.base_url(), base);
        let request = edge_oauth_no_io::Operation::request(&edge.clear_cache());
        assert_eq!(
            request.uri().to_string(),
            format!("{base}/api/admin/v1/cache")
        );
    }
}

#[test]
fn time_with_a_fraction_or_too_long_is_rejected() {
    for ttl in [Duration::from_millis(1), Duration::MAX] {
        assert_eq!(
            field(Settings::new().with_content_cache_ttl(ttl)),
            "contentCacheTtl"
        );
        assert_eq!(
            field(Settings::new().with_media_cache_ttl(ttl)),
            "mediaCacheTtl"
        );
        assert_eq!(
            field(SettingsPatch::new().content_cache_ttl(ttl)),
            "contentCacheTtl"
        );
        assert_eq!(
            field(SettingsPatch::new().media_cache_ttl(ttl)),
            "mediaCacheTtl"
        );
    }
    assert_eq!(field(edge().patch_settings(SettingsPatch::new())), "patch");
}

#[test]
fn webhook_without_label_or_https_url_is_rejected() {
    assert_eq!(created(&webhook().label(" ")), "label");
    for uri in [
        "",
        "www.example.com",
        "/hook",
        "http://www.example.com/",
        "ftp://a.example/",
        "https://",
        "https:///a",
        "https://user@www.example.com/",
        "https://user:pw@www.example.com/",
        "https://www.example.com:/",
        "https://www.example.com:65536/",
        "a b",
    ] {
        assert_eq!(created(&webhook().uri(uri)), "uri", "{uri}");
    }
    assert!(
        edge()
            .create_webhook(&webhook().uri("HTTPS://www.example.com"))
            .is_ok()
    );
    for uri in ["https://www.example.com:8443", "https://[::1]:1/a"] {
        assert!(edge().create_webhook(&webhook().uri(uri)).is_ok(), "{uri}");
    }
}

#[test]
fn webhook_to_the_loopback_is_accepted_by_a_local_edge_only() {
    let local = ExperienceEdge::at("http://127.0.0.1:8080").unwrap();
    let (here, there) = (
        webhook().uri("http://localhost:3000/"),
        webhook().uri("http://www.example.com/"),
    );
    assert!(local.create_webhook(&here).is_ok());
    assert_eq!(field(local.create_webhook(&there)), "uri");
    assert_eq!(created(&here), "uri");
}

#[test]
fn body_of_another_mode_is_rejected() {
    let on_update = webhook().execution_mode(ExecutionMode::OnUpdate);
    let misplaced = edge()
        .create_webhook(&on_update.clone().body("b"))
        .unwrap_err();
    assert_eq!(
        misplaced.to_string(),
        "body is for the execution mode OnEnd only"
    );
    assert_eq!(
        created(&webhook().body_include(r#"{"a":1}"#)),
        "bodyInclude"
    );
    for include in ["{", "7", "[]", "text"] {
        let webhook = on_update.clone().body_include(include);
        assert_eq!(created(&webhook), "bodyInclude", "{include}");
    }
    for webhook in [
        on_update.clone().body("b").without_body(),
        on_update.clone().body(""),
        webhook().body_include("{}"),
        webhook().body_include(" "),
        on_update.body_include(r#"{"a":1}"#),
    ] {
        assert!(edge().create_webhook(&webhook).is_ok());
    }
}

#[test]
fn get_of_updates_is_rejected_unless_the_service_has_it_already() {
    let get = webhook().method(Method::GET);
    assert!(edge().create_webhook(&get).is_ok());
    let get_updates = get.execution_mode(ExecutionMode::OnUpdate);
    assert_eq!(created(&get_updates), "method");
    let error = edge().create_webhook(&get_updates).unwrap_err().to_string();
    assert_eq!(error, "method GET is for the execution mode OnEnd only");

    let body = r#"{"id":"7","label":"l","method":"GET","executionMode":"OnUpdate"}"#;
    let existing = parsed(&edge().webhook("7").unwrap(), body).unwrap();
    let renamed = existing.edit().label("new");
    assert!(edge().update_webhook("7", &renamed).is_ok());
    let again = renamed.execution_mode(ExecutionMode::OnEnd);
    assert!(edge().update_webhook("7", &again).is_ok());
}

#[test]
fn header_that_http_cannot_carry_is_rejected() {
    assert_eq!(created(&webhook().method(Method::PUT)), "method");
    assert_eq!(created(&webhook().header("x key", "a")), "headers");
    assert_eq!(created(&webhook().header("", "a")), "headers");
    for name in ["Content-Length", "transfer-encoding", "HOST"] {
        assert_eq!(created(&webhook().header(name, "1")), "headers", "{name}");
    }
    assert_eq!(created(&webhook().header("x-key", "a\r\nb: c")), "headers");
}

#[test]
fn id_is_encoded_as_one_segment_of_the_path() {
    for id in ["", " ", ".", "..", &"a".repeat(513)] {
        assert_eq!(field(edge().webhook(id)), "id");
        assert_eq!(field(edge().delete_webhook(id)), "id");
        assert_eq!(field(edge().update_webhook(id, &webhook())), "id");
    }
    let request = |id| edge_oauth_no_io::Operation::request(&edge().webhook(id).unwrap());
    assert_eq!(
        request("../cache?a#b").uri().path(),
        "/api/admin/v1/webhooks/..%2Fcache%3Fa%23b"
    );
}

#[test]
fn hash_of_another_form_is_rejected() {
    for text in [
        "",
        "8f43",
        &HASH[1..],
        &format!("{HASH}0"),
        &HASH.replace('8', "g"),
        &"ä".repeat(32),
    ] {
        assert_eq!(field(text.parse::<KeyHash>()), "hash");
    }
    assert_eq!(
        HASH.to_uppercase().parse::<KeyHash>().unwrap(),
        hash(),
        "the service finds it in lower case only"
    );
}

#[test]
fn key_without_label_creator_or_scope_is_rejected() {
    assert_eq!(
        field(edge().create_key(&NewKey::delivery("", "ci"))),
        "label"
    );
    assert_eq!(
        field(edge().create_key(&NewKey::delivery("www", " "))),
        "createdBy"
    );
    assert_eq!(
        field(edge().create_key(&NewKey::new("www", "ci"))),
        "scopes"
    );
    assert_eq!(
        field(edge().create_key(&NewKey::new("www", "ci").scope(""))),
        "scopes"
    );
    assert_eq!(field(edge().rename_key_by_hash(&hash(), "")), "newName");
    for key in ["", "a b", "a\nb", "ä"] {
        let key = Secret::new(key);
        assert_eq!(field(edge().key(&key)), "key");
        assert_eq!(field(edge().rename_key(&key, "new")), "key");
        assert_eq!(field(edge().revoke_key(&key)), "key");
    }
}

#[test]
fn filter_that_is_too_long_for_a_url_is_rejected() {
    let filter = KeyFilter::new().label("ä".repeat(10_000));
    assert_eq!(field(edge().keys(filter)), "filter");
    assert!(
        edge()
            .keys(KeyFilter::new().label("ä".repeat(1000)))
            .is_ok()
    );
}
