//! A request as sent over the network.

use edge_oauth_no_io::SecretBytes;
use http::{Request, header};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::PLACEHOLDER;
use crate::http_client::USER_AGENT;
use crate::output::text::json_line;

pub(super) fn whole(request: &Request<SecretBytes>) -> Zeroizing<String> {
    text(request, |value| value.to_owned())
}

/// Returns the request with the secret and its length redacted.
pub(super) fn redacted(request: &Request<SecretBytes>) -> Zeroizing<String> {
    let mut text = text(request, |_| REDACTED.to_owned());
    *text = text.replace(PLACEHOLDER, REDACTED);
    text
}

/// Returns the request as a JSON object.
pub(super) fn json(request: &Request<SecretBytes>, shows_secret: bool) -> Zeroizing<String> {
    let headers = request.headers().iter().map(|(name, value)| {
        let value = match name {
            &header::AUTHORIZATION | &header::CONTENT_LENGTH if !shows_secret => REDACTED,
            _ => value.to_str().unwrap_or_default(),
        };
        (name.as_str().to_owned(), Value::from(value))
    });
    let headers: Map<String, Value> = headers.collect();
    let body = String::from_utf8_lossy(request.body().as_ref());
    let body = match shows_secret {
        true => body.into_owned(),
        false => body.replace(PLACEHOLDER, REDACTED),
    };
    let (method, url) = (request.method().as_str(), request.uri().to_string());
    let json = json!({ "method": method, "url": url, "headers": headers, "body": body });
    Zeroizing::new(json_line(&json))
}

fn text(request: &Request<SecretBytes>, telling: impl Fn(&str) -> String) -> Zeroizing<String> {
    let uri = request.uri();
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let mut text = Zeroizing::new(format!(
        "POST {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {USER_AGENT}\r\n"
    ));
    let in_basic = request.headers().contains_key(header::AUTHORIZATION);
    for (name, value) in request.headers() {
        let value = value.to_str().unwrap_or_default();
        let (shown, value) = match *name {
            header::ACCEPT => ("Accept", value.to_owned()),
            header::CONTENT_TYPE => ("Content-Type", value.to_owned()),
            header::AUTHORIZATION => {
                let credentials = value.strip_prefix("Basic ").unwrap_or(value);
                ("Authorization", format!("Basic {}", telling(credentials)))
            }
            header::CONTENT_LENGTH if in_basic => ("Content-Length", value.to_owned()),
            header::CONTENT_LENGTH => ("Content-Length", telling(value)),
            _ => (name.as_str(), value.to_owned()),
        };
        text.push_str(&format!("{shown}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(&String::from_utf8_lossy(request.body().as_ref()));
    text
}

const REDACTED: &str = "[redacted]";
