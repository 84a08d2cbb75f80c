//! Delivery keys and the secrets of webhooks are never printed.

use std::fmt::Debug;

use edge_oauth_no_io::{Operation, Secret};
use experience_edge_api::{ExecutionMode, NewKey, WebhookEdit};

use crate::support::{edge, parsed, response};

/// A key that needs escaping in JSON, in a form and in a URL.
const KEY: &str = "pl4nted/k\"ey+key=";
const ALL: [&str; 5] = ["pl4nted", "pl5nted", "pl6nted", "pl7nted", "pl8nted"];

fn assert_clean(shown: &str) {
    for secret in ALL {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

/// Checks the operation, its request, and its errors if the service repeats what it received.
fn check<O: Operation<Output: Debug> + Debug>(operation: &O, echoes: &[&str]) {
    let request = operation.request();
    assert_clean(&format!("{operation:?} {request:?}"));
    let body = std::str::from_utf8(request.body().as_ref()).unwrap();
    for echo in echoes.iter().chain([&body]) {
        for status in [200, 400, 401, 500] {
            for text in [
                (*echo).to_owned(),
                format!("{}{echo}", "a".repeat(500)),
                serde_json::json!({ "message": echo }).to_string(),
                serde_json::json!({ "errors": { "a": [echo] } }).to_string(),
            ] {
                match operation.parse(&response(status, text)) {
                    Ok(output) => assert_clean(&format!("{output:?}")),
                    Err(error) => assert_clean(&format!("{error} {error:?}")),
                }
            }
        }
    }
}

#[test]
fn delivery_key_is_not_printed() {
    let key = Secret::new(KEY);
    let url_encoded: String = form_urlencoded::byte_serialize(KEY.as_bytes()).collect();
    let echoes = [KEY, &url_encoded];
    check(&edge().key(&key).unwrap(), &echoes);
    check(&edge().rename_key(&key, "new").unwrap(), &echoes);
    check(&edge().revoke_key(&key).unwrap(), &echoes);
    let create = edge().create_key(&NewKey::delivery("www", "ci")).unwrap();
    let created = create.parse(&response(201, KEY)).unwrap();
    assert_eq!(created.expose(), KEY);
    assert_clean(&format!("{create:?} {created:?}"));
    for almost in [
        "pl4nted\u{1}",
        "\"pl4nted",
        "{\"key\":\"pl4nted\"}",
        "pl4nted pl4nted",
    ] {
        let error = create.parse(&response(201, almost)).unwrap_err();
        assert_clean(&format!("{error} {error:?}"));
    }
    let error = edge().key(&Secret::new("pl4nted key")).unwrap_err();
    assert_clean(&format!("{error} {error:?}"));
    let header = &edge().key(&key).unwrap().request().headers()["x-gql-token"].clone();
    assert!(header.is_sensitive());
}

#[test]
fn url_headers_and_bodies_of_a_webhook_are_not_printed() {
    let webhook = WebhookEdit::new(
        "label",
        "https://www.example.com/pl6nted?secret=pl7nted+value",
    )
    .header("x-key", "Bearer pl5nted")
    .body("pl8nted body");
    assert_clean(&format!("{webhook:?}"));
    assert!(format!("{webhook:?}").contains("www.example.com"));
    let create = edge().create_webhook(&webhook).unwrap();
    let echoes = [
        "x-key: Bearer pl5nted",
        "Bearer: pl5nted",
        "https://www.example.com/pl6nted?secret=pl7nted+value, pl8nted body",
        "/pl6nted?secret=pl7nted+value",
        "secret=pl7nted+value",
        "pl7nted+value",
        "pl7nted value",
    ];
    check(&create, &echoes);
    let included = webhook
        .clone()
        .without_body()
        .execution_mode(ExecutionMode::OnUpdate)
        .body_include(r#"{"site":"www","secret":"pl8nted"}"#);
    check(
        &edge().create_webhook(&included).unwrap(),
        &["secret is pl8nted"],
    );
    check(&edge().update_webhook("7", &webhook).unwrap(), &echoes);

    let json = String::from_utf8(create.request().body().as_ref().to_vec()).unwrap();
    let json = json.replacen('{', r#"{"id":"7","unknown":"pl4nted","#, 1);
    let read = parsed(&edge().webhook("7").unwrap(), &json).unwrap();
    assert_eq!(read.headers().next(), Some(("x-key", "Bearer pl5nted")));
    assert_clean(&format!("{read:?} {:?}", read.edit()));

    for wrong in [
        webhook.clone().header("x-key", "pl5nted\n"),
        webhook.clone().uri("http://www.example.com/pl6nted"),
        webhook.clone().label(""),
    ] {
        let error = edge().create_webhook(&wrong).unwrap_err();
        assert_clean(&format!("{error} {error:?}"));
    }
}

// fault: webhook-url-printed
#[test]
fn message_of_a_run_is_not_printed_by_debug() {
    let run = r#"{"timestamp":"t1me","success":false,"message":"POST /pl4nted failed"}"#;
    let body = format!(r#"{{"id":"7","lastRuns":[{run}]}}"#);
    let runs = parsed(&edge().webhook("7").unwrap(), &body)
        .unwrap()
        .last_runs();
    assert_eq!(runs[0].message.as_deref(), Some("POST /pl4nted failed"));
    let shown = format!("{runs:?}");
    assert_clean(&shown);
    assert!(shown.contains("t1me") && shown.contains("false"), "{shown}");
}

/// Returns the error's message if the service responds with these words.
fn said(webhook: &WebhookEdit, words: &str) -> String {
    let create = edge().create_webhook(webhook).unwrap();
    let error = create.parse(&response(400, words)).unwrap_err();
    error.message().unwrap().to_owned()
}

#[test]
fn credential_in_a_part_of_a_webhook_is_withheld() {
    let webhook = WebhookEdit::new(
        "label",
        "https://www.example.com/pl4nted%2Fpath?a=pl5nted%26value&b=pl6nted+value&pl7nted",
    );
    for (part, webhook) in [
        ("/pl4nted%2Fpath", webhook.clone()),
        ("/pl4nted/path", webhook.clone()),
        ("pl5nted%26value", webhook.clone()),
        ("pl5nted&value", webhook.clone()),
        ("pl6nted+value", webhook.clone()),
        ("pl6nted value", webhook.clone()),
        ("pl7nted", webhook.clone()),
        (
            "pl8nted",
            webhook.clone().body(r#"{"a":[{"b":"pl8nted"}]}"#),
        ),
        ("pl8nted/", webhook.clone().body("a=b&c=pl8nted%2F")),
        ("pl8nted", webhook.clone().body(r#""pl8nted""#)),
        ("pl8nted", {
            let include = r#"{"a":{"b":["c",{"d":"pl8nted"}]}}"#;
            let webhook = webhook.execution_mode(ExecutionMode::OnUpdate);
            webhook.body_include(include)
        }),
    ] {
        let said = said(&webhook, &format!("{part} is refused"));
        assert_eq!(said, "[withheld: it repeats a credential]", "{part}");
    }
}

#[test]
fn ordinary_text_of_a_webhook_stays_in_the_message() {
    let webhook = WebhookEdit::new("label", "https://www.example.com/?on=true&most=1000")
        .header("x-on", "1")
        .header("x-off", "false")
        .header("Content-Type", "application/json")
        .header("user-agent", "Edge")
        .body(r#"{"active":true,"retries":1000,"none":null}"#);
    for words in [
        "11 webhooks are too many",
        "application/json is not true, false or null: Edge wants text",
        "at most 1000 webhooks",
    ] {
        assert_eq!(said(&webhook, words), words);
    }
    assert_eq!(said(&webhook.body("true"), "is not true"), "is not true");
}
