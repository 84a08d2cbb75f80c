//! What a webhook holds that a service might echo and nobody should read.

use http::Uri;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::http::json_object::Object;
use crate::webhooks::webhook::{BODY, URI, headers};
use crate::webhooks::webhook_edit::included;

/// Each as it is written and as it is meant. What is no secret is not among them, since taking it out
/// of the service's words would only garble these.
pub(crate) fn of(webhook: &Object) -> Vec<String> {
    let mut secrets = Vec::new();
    for (name, value) in headers(webhook) {
        if !ORDINARY.iter().any(|it| name.eq_ignore_ascii_case(it)) {
            secrets.push(value.to_owned());
            // `Bearer …`, `Basic …`
            secrets.extend(value.split_once(' ').map(|(_, rest)| rest.to_owned()));
        }
    }
    if let Some(uri) = webhook.text(URI).and_then(|uri| uri.parse().ok()) {
        of_uri(&uri, &mut secrets);
    }
    if let Some(body) = webhook.text(BODY) {
        secrets.push(body.to_owned());
        match serde_json::from_str(body) {
            Ok(json) => of_json(&json, &mut secrets),
            Err(_) => of_pairs(body, &mut secrets),
        }
    }
    let include: Option<Map<_, _>> = included(webhook).ok().flatten();
    for value in include.unwrap_or_default().values() {
        of_json(value, &mut secrets);
    }
    secrets.retain(|text| text.len() >= SHORTEST && !is_literal(text));
    secrets
}

fn of_uri(uri: &Uri, secrets: &mut Vec<String>) {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if let Some((user, _)) = authority.rsplit_once('@') {
        secrets.push(user.to_owned());
        for part in user.splitn(2, ':') {
            secrets.extend([part.to_owned(), decoded(part)]);
        }
    }
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    for path in [path, uri.path()] {
        if path.len() > 1 {
            secrets.extend([path.to_owned(), decoded(path)]);
        }
    }
    of_pairs(uri.query().unwrap_or_default(), secrets);
}

/// `secret=…&…` of a query or a form.
fn of_pairs(text: &str, secrets: &mut Vec<String>) {
    if text.contains(['=', '&']) {
        secrets.push(text.to_owned());
    }
    for pair in text.split('&') {
        // One without a name is all value.
        let value = pair.split_once('=').map_or(pair, |(_, value)| value);
        let spaced = value.replace('+', " ");
        secrets.extend([value.to_owned(), decoded(value), decoded(&spaced)]);
    }
}

fn of_json(json: &Value, secrets: &mut Vec<String>) {
    match json {
        Value::String(text) => secrets.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| of_json(item, secrets)),
        Value::Object(members) => members.values().for_each(|item| of_json(item, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// `true`, `false`, `null` and numbers that are too short for a credential.
fn is_literal(text: &str) -> bool {
    match serde_json::from_str(text) {
        Ok(Value::Null | Value::Bool(_)) => true,
        Ok(Value::Number(_)) => text.len() < SHORTEST_NUMBER,
        _ => false,
    }
}

/// Headers that say how a request is written, and not who sends it.
const ORDINARY: [&str; 10] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-type",
    "user-agent",
];

const SHORTEST: usize = 4;
const SHORTEST_NUMBER: usize = 8;
