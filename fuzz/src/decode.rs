//! Decoders that share no code with the encoders of the core.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tinyjson::JsonValue;

/// Reads the pairs of a form, in their order.
pub(crate) fn form(body: &[u8]) -> Vec<(String, String)> {
    let body = std::str::from_utf8(body).unwrap();
    body.split('&')
        .map(|pair| pair.split_once('=').expect("a pair"))
        .map(|(name, value)| (form_text(name), form_text(value)))
        .collect()
}

/// Reads the members of a JSON object of texts and arrays of texts. An array becomes several members.
pub(crate) fn json(body: &[u8]) -> Vec<(String, String)> {
    let json: JsonValue = std::str::from_utf8(body).unwrap().parse().unwrap();
    let members: &HashMap<String, JsonValue> = json.get().expect("an object");
    let mut pairs = Vec::new();
    for (name, value) in members {
        match value {
            JsonValue::String(text) => pairs.push((name.clone(), text.clone())),
            JsonValue::Array(texts) => pairs.extend(texts.iter().map(|text| {
                let text: &String = text.get().expect("text");
                (name.clone(), text.clone())
            })),
            other => panic!("not text or texts: {other:?}"),
        }
    }
    pairs
}

/// Reads the id and the secret of an `Authorization: Basic` header.
pub(crate) fn basic(header: &str) -> (String, String) {
    let pair = STANDARD
        .decode(header.strip_prefix("Basic ").expect("Basic"))
        .expect("base64");
    let pair = String::from_utf8(pair).unwrap();
    assert_eq!(pair.matches(':').count(), 1, "B3: one raw colon");
    let (id, secret) = pair.split_once(':').unwrap();
    (form_text(id), form_text(secret))
}

fn form_text(text: &str) -> String {
    let text = text.replace('+', "%20");
    urlencoding::decode(&text).expect("UTF-8").into_owned()
}
