//! Recognises web pages, which firewalls, proxies and portals send in the place of a service.

use http::{Response, header};
use serde::de::IgnoredAny;

/// Returns whether a response is a web page, HTML or XML, and so does not come from an API. The body decides: it begins
/// like a page, or its `Content-Type` is HTML and it is not JSON. An empty body is no page.
///
/// An [`Operation`](crate::Operation) that ignores the body of a success should check this: a portal may respond with
/// 200 to any request.
///
/// ```
/// use edge_oauth_no_io::is_web_page;
///
/// assert!(is_web_page(&http::Response::new("<!DOCTYPE html>")));
/// assert!(!is_web_page(&http::Response::new("{}")));
/// ```
pub fn is_web_page(response: &Response<impl AsRef<[u8]>>) -> bool {
    let body = response.body().as_ref();
    // RFC 8259 §8.1: some services begin with a byte order mark.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let body = body.trim_ascii();
    let is_json = || serde_json::from_slice::<IgnoredAny>(body).is_ok();
    match body.first() {
        None => false,
        Some(b'<') => true,
        Some(_) => is_called_html(response) && !is_json(),
    }
}

fn is_called_html(response: &Response<impl AsRef<[u8]>>) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| {
        let start = value.as_bytes().get(..HTML.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(HTML))
    })
}

const HTML: &[u8] = b"text/html";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_decides_and_the_header_if_it_does_not() {
        for (content_type, body, expected) in [
            ("text/plain", "<html>", true),
            ("text/plain", "\u{feff}\r\n<!DOCTYPE html>", true),
            ("application/reason+xml", "<?xml?>", true),
            ("text/html", "Please log in", true),
            ("Text/HTML; charset=utf-8", "Please log in", true),
            ("text/html", "\u{feff} true ", false),
            ("text/html", "{\"a\":1}", false),
            ("text/html", " ", false),
            ("text", "Please log in", false),
        ] {
            let response = Response::builder().header("content-type", content_type);
            let response = response.body(body).unwrap();
            assert_eq!(is_web_page(&response), expected, "{content_type} {body}");
        }
    }
}
