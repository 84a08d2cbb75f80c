//! A request as sent over the network.

use edge_oauth_no_io::SecretBytes;
use http::{Request, header};
use zeroize::Zeroizing;

use super::PLACEHOLDER;
use crate::http_client::USER_AGENT;

pub(super) fn whole(request: &Request<SecretBytes>) -> Zeroizing<String> {
    text(request, |value| value.to_owned())
}

/// Returns the request with the secret and its length redacted.
pub(super) fn redacted(request: &Request<SecretBytes>) -> Zeroizing<String> {
    let mut text = text(request, |_| "[redacted]".to_owned());
    *text = text.replace(PLACEHOLDER, "[redacted]");
    text
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
