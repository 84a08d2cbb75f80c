//! The secrets in a webhook, which an error of the service might repeat.

use http::Uri;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::http::json_object::JsonObject;
use crate::webhooks::body_include::body_include;
use crate::webhooks::members::{BODY, URI, headers};

/// Returns the texts of a webhook that may be secrets, each as it is written and as it is decoded. Ordinary texts are
/// left out, since errors that repeat them stay readable.
pub(crate) fn secrets_of_webhook(webhook: &JsonObject) -> Vec<String> {
    let mut secrets = Vec::new();
    for (name, value) in headers(webhook) {
        if !ORDINARY_HEADERS
            .iter()
            .any(|it| name.eq_ignore_ascii_case(it))
        {
            secrets.push(value.to_owned());
            // `Bearer …`, `Basic …`
            secrets.extend(value.split_once(' ').map(|(_, rest)| rest.to_owned()));
        }
    }
    if let Some(uri) = webhook.text(URI).and_then(|uri| uri.parse().ok()) {
        push_from_uri(&uri, &mut secrets);
    }
    if let Some(body) = webhook.text(BODY) {
        secrets.push(body.to_owned());
        match serde_json::from_str(body) {
            Ok(json) => push_from_json(&json, &mut secrets),
            Err(_) => push_from_pairs(body, &mut secrets),
        }
    }
    let include: Option<Map<_, _>> = body_include(webhook).ok().flatten();
    for value in include.unwrap_or_default().values() {
        push_from_json(value, &mut secrets);
    }
    secrets.retain(|text| text.len() >= MIN_LENGTH && !is_literal(text));
    secrets
}

fn push_from_uri(uri: &Uri, secrets: &mut Vec<String>) {
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
    push_from_pairs(uri.query().unwrap_or_default(), secrets);
}

/// Reads the values of a query or a form, such as `secret=…&…`.
fn push_from_pairs(text: &str, secrets: &mut Vec<String>) {
    if text.contains(['=', '&']) {
        secrets.push(text.to_owned());
    }
    for pair in text.split('&') {
        // A pair without a name is a value as a whole.
        let value = pair.split_once('=').map_or(pair, |(_, value)| value);
        let spaced = value.replace('+', " ");
        secrets.extend([value.to_owned(), decoded(value), decoded(&spaced)]);
    }
}

fn push_from_json(json: &Value, secrets: &mut Vec<String>) {
    match json {
        Value::String(text) => secrets.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| push_from_json(item, secrets)),
        Value::Object(members) => members
            .values()
            .for_each(|item| push_from_json(item, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Returns whether a text is `true`, `false`, `null` or a number that is too short for a credential.
fn is_literal(text: &str) -> bool {
    match serde_json::from_str(text) {
        Ok(Value::Null | Value::Bool(_)) => true,
        Ok(Value::Number(_)) => text.len() < MIN_NUMBER_LENGTH,
        _ => false,
    }
}

/// Headers that describe the form of a request and carry no credential.
const ORDINARY_HEADERS: [&str; 10] = [
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

const MIN_LENGTH: usize = 4;
const MIN_NUMBER_LENGTH: usize = 8;
