//! Finds a service's words about an error in the usual shapes of error bodies.

use http::Response;
use serde_json::{Map, Value};

use crate::html::is_web_page;
use crate::redact::Redactor;
use crate::transport::request_limits::BODY_LIMIT;

/// Returns the service's words, printable and cut, or a note if they repeat a secret. `None` if there are no words, or
/// only a web page.
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
        Ok(json) => words(&json)?,
        Err(_) => text.to_owned(),
    };
    let message = message.trim();
    (!message.is_empty()).then(|| secrets.printable(message, MESSAGE))
}

/// Returns the text of the most particular member that has one.
fn words(json: &Value) -> Option<String> {
    let members = match json {
        Value::Object(members) => members,
        Value::Array(items) => return join(items.iter().filter_map(words), "; "),
        Value::Null => return None,
        other => return Some(plain(other)),
    };
    let text = |name: &str| member(members, name).and_then(text);
    let first = |names: &[&str]| names.iter().find_map(|name| text(name));
    first(&[
        "message",
        "error_description",
        "errorSummary",
        "errorMessage",
        "faultstring",
    ])
    .or_else(|| member(members, "errors").and_then(errors))
    // RFC 9457 §3.1: the title is about the kind of problem, the detail about this one.
    .or_else(|| join([text("title"), text("detail")].into_iter().flatten(), ": "))
    .or_else(|| text("description"))
    .or_else(|| {
        ["error", "fault", "detail"]
            .iter()
            .find_map(|name| words(member(members, name)?))
    })
}

/// Returns the words of `errors`: an object of fields with a list of what is wrong with each, or an array.
fn errors(errors: &Value) -> Option<String> {
    match errors {
        Value::Object(fields) => {
            let field = |(name, wrong): (&String, &Value)| {
                words(wrong).map(|words| match name.is_empty() {
                    true => words,
                    false => format!("{name}: {words}"),
                })
            };
            join(fields.iter().filter_map(field), "; ")
        }
        other => words(other),
    }
}

/// Returns a member by its name in any letter case: some services write `Message`.
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

    // fault: unprintable-description, problem-document, error-as-an-object
    #[test]
    fn words_of_each_shape_are_found() {
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
            (
                r#"{"errorCode":"E1","errorSummary":"Not here"}"#,
                "Not here",
            ),
            (r#"{"fault":{"faultstring":"Bad key"}}"#, "Bad key"),
            (
                r#"{"detail":[{"loc":["a"],"msg":"x","message":"is required"}]}"#,
                "is required",
            ),
            (r#"{"code":7,"description":"Not here"}"#, "Not here"),
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
    fn body_without_words_has_no_message() {
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

    // fault: unprintable-description
    #[test]
    fn long_message_is_cut_and_ends_in_dots() {
        for c in ["a", "\u{e4}", "\u{20ac}", "\u{1f600}"] {
            let message = message(&c.repeat(1000)).unwrap();
            let shown = message.strip_suffix("...").unwrap();
            assert!(shown.len() > MESSAGE - 4, "{message}");
        }
    }

    #[test]
    fn message_that_repeats_a_secret_is_withheld() {
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
            assert!(message.starts_with("[withheld: "), "{message}");
        }
    }
}
