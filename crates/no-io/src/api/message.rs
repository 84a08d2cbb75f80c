//! What a service says of an error in words, in whichever of the usual shapes.

use http::Response;
use serde_json::{Map, Value};

use crate::html::is_web_page;
use crate::redact::Redactor;
use crate::transport::limited_body::BODY_LIMIT;

/// The service's words, without the secrets, printable and cut. `None` where there are none, or only a
/// web page.
pub(crate) fn read(
    response: &Response<impl AsRef<[u8]>>,
    secrets: &Redactor<'_>,
) -> Option<String> {
    let body = response.body().as_ref();
    if body.len() > BODY_LIMIT || is_web_page(response) {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let message = match serde_json::from_str(text) {
        Ok(json) => said(&json)?,
        Err(_) => text.to_owned(),
    };
    let message = message.trim();
    (!message.is_empty()).then(|| secrets.printable(message, MESSAGE))
}

/// The first of these that says something is the most particular one.
fn said(json: &Value) -> Option<String> {
    let members = match json {
        Value::Object(members) => members,
        Value::Array(items) => return join(items.iter().filter_map(said), "; "),
        Value::Null => return None,
        other => return Some(plain(other)),
    };
    let text = |name| member(members, name).and_then(text);
    text("message")
        .or_else(|| text("error_description"))
        .or_else(|| member(members, "errors").and_then(errors))
        // RFC 9457 §3.1: the title is of the kind of reason, the detail of this one.
        .or_else(|| join([text("title"), text("detail")].into_iter().flatten(), ": "))
        .or_else(|| member(members, "error").and_then(said))
}

/// `errors` of a validation reason: an object of fields with their complaints, or an array.
fn errors(errors: &Value) -> Option<String> {
    match errors {
        Value::Object(fields) => {
            let field = |(name, complaints): (&String, &Value)| {
                said(complaints).map(|said| match name.is_empty() {
                    true => said,
                    false => format!("{name}: {said}"),
                })
            };
            join(fields.iter().filter_map(field), "; ")
        }
        other => said(other),
    }
}

/// A member whatever the letter case of its name: services of one kind write `Message`.
fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let named = |(key, _): &(&String, &Value)| key.eq_ignore_ascii_case(name);
    members.iter().find(named).map(|(_, value)| value)
}

fn text(value: &Value) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn join(parts: impl IntoIterator<Item = String>, between: &str) -> Option<String> {
    let parts: Vec<_> = parts.into_iter().collect();
    (!parts.is_empty()).then(|| parts.join(between))
}

const MESSAGE: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Option<String> {
        read(&Response::new(body), &Redactor::new(["s3cret/key"]))
    }

    // P41, P43, P48
    #[test]
    fn each_shape_says_what_it_says() {
        for (body, expected) in [
            (r#"{"message":"No such webhook"}"#, "No such webhook"),
            (r#"{"Message":"No such webhook"}"#, "No such webhook"),
            (
                r#"{"error":"access_denied","error_description":"No scope"}"#,
                "No scope",
            ),
            (
                r#"{"statusCode":429,"error":"Too Many","message":"Slow down"}"#,
                "Slow down",
            ),
            (r#"{"error":"not_found"}"#, "not_found"),
            (r#"{"error":{"code":7,"message":"Inside"}}"#, "Inside"),
            (
                r#"{"type":"about:blank","title":"Not Found","status":404,"traceId":"0"}"#,
                "Not Found",
            ),
            (
                r#"{"title":"Conflict","detail":"The label is taken"}"#,
                "Conflict: The label is taken",
            ),
            (
                r#"{"title":"One or more","errors":{"Label":["is required"],"Uri":["is required","is not https"]}}"#,
                "Label: is required; Uri: is required; is not https",
            ),
            (
                r#"{"errors":{"":["A body is required"]}}"#,
                "A body is required",
            ),
            (r#"{"errors":[{"message":"one"},"two"]}"#, "one; two"),
            (r#"["one","two"]"#, "one; two"),
            (r#""Only text""#, "Only text"),
            ("false", "false"),
            ("upstream connect error", "upstream connect error"),
            ("{\"message\":\"cut sho", "{\"message\":\"cut sho"),
            ("\u{feff}{\"message\":\"marked\"}", "marked"),
            ("a\u{1b}[31m\r\nb", "a?[31m??b"),
        ] {
            assert_eq!(message(body).as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn what_is_no_message_is_none() {
        let page = "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>";
        for body in ["", " \r\n", "null", "{}", r#"{"message":""}"#, page, "[]"] {
            assert_eq!(message(body), None, "{body}");
        }
        let html = Response::builder().header("content-type", "text/html; charset=utf-8");
        assert_eq!(
            read(&html.body("Bad Gateway").unwrap(), &Redactor::new([])),
            None
        );
        assert_eq!(message(&"a".repeat(BODY_LIMIT + 1)), None);
        assert_eq!(
            message(&"[".repeat(BODY_LIMIT)).map(|text| text.len()),
            Some(MESSAGE + 3)
        );
    }

    // P41
    #[test]
    fn a_long_message_is_cut_where_it_shows_that_there_is_more() {
        for c in ["a", "\u{e4}", "\u{20ac}", "\u{1f600}"] {
            let message = message(&c.repeat(1000)).unwrap();
            let shown = message.strip_suffix("...").unwrap();
            assert!(shown.len() > MESSAGE - 4, "{message}");
        }
    }

    #[test]
    fn what_was_sent_goes_before_the_cut() {
        for echo in [
            r#"{"message":"key s3cret/key is wrong"}"#.to_owned(),
            r#"{"message":"key s3cret\/key is wrong"}"#.to_owned(),
            "key s3cret%2Fkey is wrong".to_owned(),
            r#"{"message":"key s3cret\u002fkey is wrong"}"#.to_owned(),
            r#"{"error": s3cret\/key"#.to_owned(),
            r#"{"error": s3cret\u002Fkey"#.to_owned(),
            format!("{}s3cret/key", "a".repeat(MESSAGE - 5)),
        ] {
            let message = message(&echo).unwrap();
            assert!(!message.contains("s3c"), "{message}");
        }
    }
}
