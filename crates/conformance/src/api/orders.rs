//! What clears, and who is told of it.

use experience_edge_api::payload::{Change, OnUpdate};
use experience_edge_api::{ExecutionMode, WebhookEdit};
use http::Method;

use crate::api::stage::Stage;
use crate::caller::Caller;
use crate::peer::Peer;

pub(super) fn clearing_the_cache_runs_the_webhooks<C: Caller>() {
    let stage = Stage::<C>::new();
    let site = site(200);
    let webhook = WebhookEdit::new("Revalidate", hook(&site))
        .header("x-revalidate", "planted-header")
        .body(r#"{"site":"www"}"#);
    stage.call(&stage.api.create_webhook(&webhook).unwrap());
    let got = WebhookEdit::new("Ping", hook(&site)).method(Method::GET);
    stage.call(&stage.api.create_webhook(&got).unwrap());
    let off = WebhookEdit::new("Off", hook(&site)).disabled(true);
    stage.call(&stage.api.create_webhook(&off).unwrap());

    stage.call(&stage.api.clear_cache());
    stage.edge.wait_for_webhook_runs(2);
    let mut requests = site.requests();
    requests.sort_by(|a, b| a.line.cmp(&b.line));
    let [get, post] = requests.as_slice() else {
        panic!("one request for each webhook that is on: {requests:?}");
    };
    assert_eq!(get.line, "GET /api/revalidate HTTP/1.1");
    assert_eq!(post.line, "POST /api/revalidate HTTP/1.1");
    assert_eq!(post.all("x-revalidate"), ["planted-header"]);
    assert_eq!(post.body, br#"{"site":"www"}"#);
    for webhook in stage.call(&stage.api.webhooks()) {
        let went: Vec<_> = webhook.last_runs().iter().map(|run| run.success).collect();
        let expected = if webhook.is_disabled() {
            vec![]
        } else {
            vec![Some(true)]
        };
        assert_eq!(went, expected, "{webhook:?}");
    }
}

pub(super) fn deleting_the_content_tells_what_is_gone<C: Caller>() {
    let stage = Stage::<C>::new();
    let site = site(200);
    let webhook = WebhookEdit::new("Index", hook(&site))
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

/// A site that answers with this status.
pub(super) fn site(status: u16) -> Peer {
    let answer = format!("HTTP/1.1 {status} -\r\nContent-Length: 0\r\n\r\n");
    Peer::plain(move |connection| {
        connection.request()?;
        connection.write(&answer)
    })
}

pub(super) fn hook(site: &Peer) -> String {
    format!("http://{}/api/revalidate", site.authority())
}
