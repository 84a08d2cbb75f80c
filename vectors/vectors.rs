//! A reader of the vectors, for tests. Each test includes it by path, so the data needs no crate.
#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

use http::Response;
use serde_json::Value;

/// A vector.
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) verdict: String,
    /// The whole vector, for the members that only one kind has.
    pub(crate) json: Value,
    /// Each combination of the vector's statuses, content types and bodies.
    pub(crate) responses: Vec<Response<Vec<u8>>>,
}

/// Reads the vectors of a file, such as `challenges`.
pub(crate) fn read(file: &str) -> Vec<Vector> {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let path = folders.find_map(|folder| {
        let path = folder.join("vectors").join(file).with_extension("json");
        path.is_file().then_some(path)
    });
    let text = fs::read_to_string(path.unwrap()).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    items(&json["vectors"])
        .iter()
        .map(Vector::from_json)
        .collect()
}

impl Vector {
    fn from_json(json: &Value) -> Self {
        let content_types: &[_] = match json["any_content_type"].as_bool() {
            Some(true) => &ANY_CONTENT_TYPE,
            _ => &[None],
        };
        let bodies: Vec<_> = match &json["body_hex"] {
            Value::Null => items(&json["body"])
                .iter()
                .map(|body| text(body).into_bytes())
                .collect(),
            digits => items(digits)
                .iter()
                .map(|digits| from_hex(&text(digits)))
                .collect(),
        };
        let mut responses = Vec::new();
        for status in items(&json["status"]) {
            for content_type in content_types {
                for body in &bodies {
                    let status = u16::try_from(status.as_u64().unwrap()).unwrap();
                    let mut response = Response::builder().status(status);
                    for (name, values) in json["headers"].as_object().into_iter().flatten() {
                        for value in items(values) {
                            response = response.header(name, text(&value));
                        }
                    }
                    if let Some(content_type) = content_type {
                        response = response.header("content-type", *content_type);
                    }
                    responses.push(response.body(body.clone()).unwrap());
                }
            }
        }
        Self {
            name: text(&json["name"]),
            verdict: text(&json["verdict"]),
            json: json.clone(),
            responses,
        }
    }
}

/// Writes a response as `curl -i` prints it.
pub(crate) fn as_curl(response: &Response<Vec<u8>>) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {}\r\n", response.status().as_u16()).into_bytes();
    for (name, value) in response.headers() {
        text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    text.extend(b"\r\n");
    text.extend(response.body());
    text
}

/// Returns a list, or one value in place of a list of one. A missing member is an empty list.
fn items(json: &Value) -> Vec<Value> {
    match json {
        Value::Null => Vec::new(),
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

fn text(json: &Value) -> String {
    json.as_str().unwrap().to_owned()
}

fn from_hex(digits: &str) -> Vec<u8> {
    let digits: Vec<_> = digits
        .chars()
        .map(|digit| digit.to_digit(16).unwrap() as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] * 16 + pair[1])
        .collect()
}

const ANY_CONTENT_TYPE: [Option<&str>; 7] = [
    None,
    Some("application/json"),
    Some("application/problem+json"),
    Some("application/octet-stream"),
    Some("text/html"),
    Some("text/plain"),
    Some(""),
];
