//! The cache settings of the tenant.

use std::time::Duration;

use edge_oauth_local::Fault;
use experience_edge_api::{Settings, SettingsPatch};
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::stage::Stage;

pub(crate) fn settings_are_read_replaced_and_patched<C: Caller>() {
    let stage = Stage::<C>::new();
    let settings = stage.call(&stage.api.settings());
    assert_eq!(settings.media_cache_ttl(), Some(4 * HOUR));

    let changed = settings
        .with_media_cache_ttl(720 * 24 * HOUR)
        .unwrap()
        .with_tenant_cache_auto_clear(false);
    stage.call(&stage.api.update_settings(&changed));
    assert_eq!(stage.call(&stage.api.settings()), changed);

    let patch = SettingsPatch::new().content_cache_ttl(HOUR / 4).unwrap();
    let patch = patch.content_cache_auto_clear(false);
    let patched = stage.call(&stage.api.patch_settings(patch).unwrap());
    assert_eq!(patched, Some(stage.call(&stage.api.settings())));
    let json: Value = serde_json::from_str(&patched.unwrap().to_json()).unwrap();
    let expected = json!({
        "contentCacheTtl": "00:15:00",
        "mediaCacheTtl": "720.00:00:00",
        "contentCacheAutoClear": false,
        "mediaCacheAutoClear": true,
        "tenantCacheAutoClear": false,
    });
    assert_eq!(json, expected);
}

pub(crate) fn unknown_members_survive_an_update<C: Caller>() {
    let stage = Stage::<C>::new();
    let known = stage.call(&stage.api.settings()).to_json();
    let newer = known.replacen('{', r#"{"somethingNew":{"a":[1,null]},"#, 1);
    stage.script([Fault::none().body(newer)]);
    let read = stage.call(&stage.api.settings());
    let changed = read.with_content_cache_ttl(HOUR).unwrap();
    stage.call(&stage.api.update_settings(&changed));
    let json: Value = serde_json::from_str(&stage.call(&stage.api.settings()).to_json()).unwrap();
    assert_eq!(json["somethingNew"], json!({ "a": [1, null] }));
    assert_eq!(json["contentCacheTtl"], "01:00:00");
}

pub(crate) fn malformed_setting_is_named<C: Caller>() {
    let stage = Stage::<C>::new();
    let error = stage.fail(&stage.api.update_settings(&Settings::new()));
    assert_eq!(error.status().unwrap(), 400);
    assert!(error.message().unwrap().contains("CacheTtl"), "{error}");
    assert!(!error.is_transient());

    stage.script([Fault::none().body(r#"{"contentCacheTtl":"soon"}"#)]);
    let error = stage.fail(&stage.api.settings()).to_string();
    assert!(
        error.contains("contentCacheTtl") && !error.contains("soon"),
        "{error}"
    );
}

const HOUR: Duration = Duration::from_secs(3600);
