//! Webhooks from their creation to their deletion.

use std::slice;

use edge_oauth_local::Fault;
use experience_edge_api::{ExecutionMode, WebhookEdit};
use serde_json::Value;

use crate::caller::Caller;
use crate::site::Site;
use crate::stage::Stage;

pub(crate) fn webhook_is_created_read_changed_and_deleted<C: Caller>() {
    let stage = Stage::<C>::new();
    assert_eq!(stage.call(&stage.api.webhooks()), []);
    let edit = WebhookEdit::new("Revalidate", URL)
        .header("x-key", "one")
        .created_by("suite");
    let created = stage
        .call(&stage.api.create_webhook(&edit).unwrap())
        .unwrap();
    let get = stage.api.webhook(created.id()).unwrap();
    assert_eq!(stage.call(&get), created);
    assert_eq!(stage.call(&stage.api.webhooks()), slice::from_ref(&created));
    assert_eq!(created.uri(), URL);
    assert_eq!(created.created_by(), Some("suite"));

    let edit = created
        .edit()
        .label("Index")
        .header("X-Key", "two")
        .execution_mode(ExecutionMode::OnUpdate)
        .body_include(r#"{"site":"www"}"#);
    stage.call(&stage.api.update_webhook(created.id(), &edit).unwrap());
    let changed = stage.call(&get);
    assert_eq!(changed.id(), created.id());
    assert_eq!(changed.label(), "Index");
    assert_eq!(changed.headers().collect::<Vec<_>>(), [("x-key", "two")]);
    assert_eq!(changed.execution_mode(), ExecutionMode::OnUpdate);
    assert_eq!(changed.body_include().as_deref(), Some(r#"{"site":"www"}"#));
    assert_eq!(changed.created(), created.created());

    stage.call(&stage.api.delete_webhook(created.id()).unwrap());
    assert_eq!(stage.call(&stage.api.webhooks()), []);
}

pub(crate) fn unknown_members_survive_an_update<C: Caller>() {
    let stage = Stage::<C>::new();
    let edit = WebhookEdit::new("Revalidate", URL);
    let created = stage
        .call(&stage.api.create_webhook(&edit).unwrap())
        .unwrap();
    let newer = created
        .to_json()
        .replacen('{', r#"{"retryPolicy":{"times":3},"#, 1);
    stage.script([Fault::none().body(newer)]);
    let get = stage.api.webhook(created.id()).unwrap();
    let edit = stage.call(&get).edit().label("Index");
    stage.call(&stage.api.update_webhook(created.id(), &edit).unwrap());
    let json: Value = serde_json::from_str(&stage.call(&get).to_json()).unwrap();
    assert_eq!(json["retryPolicy"]["times"], 3);
    assert_eq!(json["label"], "Index");
}

pub(crate) fn webhook_is_disabled_by_ten_failures_and_enabled_by_an_update<C: Caller>() {
    let stage = Stage::<C>::new();
    let site = Site::start(500);
    let edit = WebhookEdit::new("Revalidate", site.url());
    let created = stage
        .call(&stage.api.create_webhook(&edit).unwrap())
        .unwrap();
    let get = stage.api.webhook(created.id()).unwrap();
    for run in 1..=11 {
        stage.call(&stage.api.clear_cache());
        stage.edge.wait_for_webhook_runs(run.min(10));
        assert_eq!(stage.call(&get).is_disabled(), run >= 10, "run {run}");
    }
    let disabled = stage.call(&get);
    assert_eq!(site.requests().len(), 10, "a disabled webhook is not run");
    assert!(
        disabled
            .last_runs()
            .iter()
            .all(|run| run.success == Some(false))
    );

    let enabled = disabled.edit().disabled(false);
    stage.call(&stage.api.update_webhook(disabled.id(), &enabled).unwrap());
    assert!(!stage.call(&get).is_disabled());
    stage.call(&stage.api.clear_cache());
    stage.edge.wait_for_webhook_runs(11);
    assert!(!stage.call(&get).is_disabled(), "the count began again");
}

pub(crate) fn missing_webhook_is_a_404<C: Caller>() {
    let stage = Stage::<C>::new();
    let edit = WebhookEdit::new("Revalidate", URL);
    for error in [
        stage.fail(&stage.api.webhook("a/b?c").unwrap()),
        stage.fail(&stage.api.update_webhook("other", &edit).unwrap()),
        stage.fail(&stage.api.delete_webhook("other").unwrap()),
    ] {
        assert_eq!(error.status().unwrap(), 404);
        assert!(!error.is_transient());
        assert_eq!(error.message(), Some("There is no such webhook"));
    }
}

const URL: &str = "https://www.example.com/api/revalidate";
