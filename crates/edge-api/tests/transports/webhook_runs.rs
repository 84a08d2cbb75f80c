//! The webhooks that cleared caches and deleted content run.

use experience_edge_api::payload::{Change, OnUpdate};
use experience_edge_api::{ExecutionMode, WebhookEdit};
use http::Method;

use crate::caller::Caller;
use crate::site::Site;
use crate::stage::Stage;

pub(crate) fn cleared_cache_runs_the_webhooks<C: Caller>() {
    let stage = Stage::<C>::new();
    let site = Site::start(200);
    let webhook = WebhookEdit::new("Revalidate", site.url())
        .header("x-revalidate", "planted-header")
        .body(r#"{"site":"www"}"#);
    stage.call(&stage.api.create_webhook(&webhook).unwrap());
    let ping = WebhookEdit::new("Ping", site.url()).method(Method::GET);
    stage.call(&stage.api.create_webhook(&ping).unwrap());
    let disabled = WebhookEdit::new("Off", site.url()).disabled(true);
    stage.call(&stage.api.create_webhook(&disabled).unwrap());

    stage.call(&stage.api.clear_cache());
    stage.edge.wait_for_webhook_runs(2);
    let mut requests = site.requests();
    requests.sort_by(|a, b| a.line.cmp(&b.line));
    let [get, post] = requests.as_slice() else {
        panic!("one request for each enabled webhook: {requests:?}");
    };
    assert_eq!(get.line, "GET /api/revalidate HTTP/1.1");
    assert_eq!(post.line, "POST /api/revalidate HTTP/1.1");
    let secret = "x-revalidate: planted-header";
    assert!(post.headers.iter().any(|header| header == secret));
    assert_eq!(post.body, br#"{"site":"www"}"#);
    for webhook in stage.call(&stage.api.webhooks()) {
        let outcomes: Vec<_> = webhook.last_runs().iter().map(|run| run.success).collect();
        let expected = if webhook.is_disabled() {
            vec![]
        } else {
            vec![Some(true)]
        };
        assert_eq!(outcomes, expected, "{webhook:?}");
    }
}

pub(crate) fn deleted_content_is_listed_in_the_payload<C: Caller>() {
    let stage = Stage::<C>::new();
    let site = Site::start(200);
    let webhook = WebhookEdit::new("Index", site.url())
        .execution_mode(ExecutionMode::OnUpdate)
        .body_include(r#"{"index":"www"}"#);
    stage.call(&stage.api.create_webhook(&webhook).unwrap());

    stage.call(&stage.api.delete_content());
    stage.edge.wait_for_webhook_runs(1);
    let body = &site.requests()[0].body;
    let payload = OnUpdate::parse(body).unwrap();
    assert!(!payload.updates.is_empty() && !payload.continues);
    let changes = payload.updates.iter().map(|update| &update.operation);
    assert!(changes.into_iter().all(|change| *change == Change::Delete));
    let json: serde_json::Value = serde_json::from_slice(body).unwrap();
    assert_eq!(json["index"], "www");
}
