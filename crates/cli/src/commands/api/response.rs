//! The response of a call: its text for output, and its error.

use edge_oauth_no_io::{
    AccessToken, ApiError, Claims, Secret, SecretBytes, is_web_page, printable,
};
use http::{Response, StatusCode, Uri, Version, header};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::commands::api::spellings::spellings;
use crate::error::{CliError, Exit};
use crate::services::{ClientKind, Service};

/// Returns the error of a response, or `None` if it is a success.
pub(super) fn error(
    response: &Response<SecretBytes>,
    service: Option<&Service>,
    token: Option<&AccessToken>,
    secrets: &[Secret],
) -> Option<CliError> {
    let secrets: Vec<_> = secrets.iter().map(Secret::expose).collect();
    let status = response.status();
    if status.is_success() {
        return match is_html(response) {
            true => Some(
                ApiError::unreadable(status, "is a web page, and not the response of an API")
                    .into(),
            ),
            false => graphql_error(response, service, token, &secrets),
        };
    }
    let error = CliError::from(ApiError::from_response(response, &secrets));
    Some(match status.as_u16() {
        // A firewall's page did not come from the API.
        401 | 403 if !is_web_page(response) => match wrong_kind(service, token) {
            Some(advice) => error.next(advice),
            None => error,
        },
        300..=399 => match redirected(response) {
            Some(advice) => error.next(advice),
            None => error,
        },
        521 | 523 => error.next("retry: the request did not reach the environment"),
        520 | 524 => error.next("the outcome is unknown: check whether it took effect, then retry"),
        _ => error,
    })
}

/// Returns the error of a GraphQL response, which has status 200 (GraphQL over HTTP, section 6.4).
fn graphql_error(
    response: &Response<SecretBytes>,
    service: Option<&Service>,
    token: Option<&AccessToken>,
    secrets: &[&str],
) -> Option<CliError> {
    let body: Value = serde_json::from_slice(response.body().as_ref()).ok()?;
    let errors = body.get("errors")?.as_array()?;
    let first = errors
        .first()
        .filter(|_| body.get("data").is_some() || has_extensions(errors))?;
    let code = first["extensions"]["code"].as_str().unwrap_or_default();
    let words = match first["message"].as_str() {
        Some(message) => format!("{message} {code}"),
        None => code.to_owned(),
    };
    let words = redacted(response, words.trim(), secrets);
    let error = CliError::new(Exit::Refused, format_args!("GraphQL: {words}"));
    Some(match wrong_kind(service, token) {
        Some(advice) if code == "AUTH_NOT_AUTHORIZED" => error.next(format!(
            "{advice}; the roles of a new client take effect after some seconds"
        )),
        _ => error,
    })
}

fn has_extensions(errors: &[Value]) -> bool {
    errors.iter().all(|error| error.get("extensions").is_some())
}

/// Returns a text of the service, or a note if it repeats a credential. The core has the rule.
fn redacted(response: &Response<SecretBytes>, text: &str, secrets: &[&str]) -> String {
    let mut wrapped = Response::new(json!({ "message": text }).to_string());
    *wrapped.status_mut() = StatusCode::BAD_REQUEST;
    *wrapped.extensions_mut() = response.extensions().clone();
    let error = ApiError::from_response(&wrapped, secrets);
    error.message().unwrap_or_default().to_owned()
}

/// Returns advice on the kind of client, from the service and the scopes of the token.
fn wrong_kind(service: Option<&Service>, token: Option<&AccessToken>) -> Option<String> {
    let service = service?;
    let claims = token.and_then(AccessToken::claims);
    let scope = claims
        .as_ref()
        .and_then(|claims: &Claims| claims.get("scope"));
    let kinds = scope
        .as_deref()
        .map_or_else(Vec::new, ClientKind::from_scope);
    let wanted = format!(
        "the {} API takes a client of the kind {} ({})",
        service.name,
        service.kinds_text(),
        service.scopes
    );
    Some(if service.accepts(&kinds) {
        format!("this client is of the right kind and lacks a scope or a role: {wanted}")
    } else if kinds.is_empty() {
        format!("check the kind of the client: {wanted}")
    } else {
        let names = ClientKind::names(&kinds, " and ");
        format!("{wanted}, and this client is of the kind {names}")
    })
}

fn is_html(response: &Response<SecretBytes>) -> bool {
    let body = response.body().as_ref().trim_ascii_start();
    let starts = |tag: &[u8]| {
        let start = body.get(..tag.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(tag))
    };
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let is_called_html =
        content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    is_web_page(response) && (is_called_html || starts(b"<!doctype html") || starts(b"<html"))
}

/// Returns the status line and the headers.
pub(super) fn head(response: &Response<SecretBytes>) -> String {
    let version = match response.version() {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        _ => "1.1",
    };
    let mut head = format!("HTTP/{version} {}\n", response.status());
    for (name, value) in response.headers() {
        head += &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
    }
    head + "\n"
}

/// Returns the output without the credentials of the call. A service or a proxy may repeat a request.
pub(super) fn without_credentials(output: Vec<u8>, secrets: &[Secret]) -> Zeroizing<Vec<u8>> {
    let secrets = secrets.iter().map(Secret::expose);
    let mut output = Zeroizing::new(output);
    for secret in secrets.filter(|secret| secret.len() >= SHORTEST) {
        for spelling in spellings(secret) {
            replace(&mut output, spelling.as_bytes());
        }
    }
    output
}

/// Each byte is moved once, however often a service repeats a secret.
fn replace(output: &mut Zeroizing<Vec<u8>>, secret: &[u8]) {
    let mut parts = Vec::new();
    let (mut rest, mut at) = (&output[..], 0);
    while let Some(length) = rest[at..].iter().position(|byte| *byte == secret[0]) {
        at += length;
        match length_at_start(&rest[at..], secret) {
            Some(length) => {
                parts.push(&rest[..at]);
                (rest, at) = (&rest[at + length..], 0);
            }
            None => at += 1,
        }
    }
    if parts.is_empty() {
        return;
    }
    parts.push(rest);
    *output = Zeroizing::new(parts.join(REDACTED.as_bytes()));
}

/// Returns the length of the secret at the start of the text, `None` if it is not there. An encoder may have put it on
/// several lines.
fn length_at_start(text: &[u8], secret: &[u8]) -> Option<usize> {
    let (mut rest, mut is_indented) = (text, false);
    for byte in secret {
        while rest.first()? != byte {
            let blanks: &[_] = if is_indented { &BLANKS } else { &[] };
            let mut parts = LINE_BREAKS.iter().chain(blanks);
            let part = parts.find(|part| rest.starts_with(part))?;
            rest = &rest[part.len()..];
            is_indented = true;
        }
        rest = &rest[1..];
        is_indented &= byte.is_ascii_whitespace();
    }
    Some(text.len() - rest.len())
}

/// Returns the body of an error as a line, or nothing if it repeats a part of a credential in any spelling.
pub(super) fn body_of_error(response: &Response<SecretBytes>, secrets: &[Secret]) -> Vec<u8> {
    let body = response.body().as_ref();
    let secrets: Vec<_> = secrets.iter().map(Secret::expose).collect();
    let text = String::from_utf8_lossy(body);
    let is_safe = || !redacted(response, &text, &secrets).starts_with("[withheld");
    match body.len() <= LARGEST_ERROR && is_safe() {
        true if body.is_empty() || body.ends_with(b"\n") => body.to_vec(),
        true => [body, b"\n"].concat(),
        false => Vec::new(),
    }
}

/// Returns advice on a redirect: it is not followed, since the token would go along.
fn redirected(response: &Response<SecretBytes>) -> Option<String> {
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let uri: Uri = location.parse().ok()?;
    let place = match uri.host() {
        Some(host) => printable(host, 128),
        None => "another path".to_owned(),
    };
    Some(format!(
        "the API refers to {place}, and the token is not sent after it: use that URL if it is right"
    ))
}

/// A shorter text is in other text by chance.
const SHORTEST: usize = 8;
/// The core looks at texts of this size.
const LARGEST_ERROR: usize = 64 * 1024;
const REDACTED: &str = "[redacted]";
/// As they are, and in JSON.
const LINE_BREAKS: [&[u8]; 4] = [b"\r", b"\n", b"\\r", b"\\n"];
/// At the start of a line, such as in YAML.
const BLANKS: [&[u8]; 3] = [b" ", b"\t", b"\\t"];

#[cfg(test)]
mod tests {
    use super::*;

    // fault: token-repeated-a-million-times
    #[test]
    fn redaction_takes_time_in_proportion_to_the_response() {
        let secret = "planted-secret";
        let body = "planted-secret/".repeat(1 << 19);
        let output = without_credentials(body.into_bytes(), &[Secret::new(secret)]);
        assert_eq!(output.len(), (REDACTED.len() + 1) << 19);
        assert!(output.starts_with(b"[redacted]/[redacted]/"));
        for (body, expected) in [
            ("a planted-secre", "a planted-secre"),
            ("a plan\n  ted-\n  secret\n  b", "a [redacted]\n  b"),
            ("a planted -secret", "a planted -secret"),
        ] {
            let output = without_credentials(body.into(), &[Secret::new(secret)]);
            assert_eq!(&**output, expected.as_bytes());
        }
        let output = without_credentials(b"two \n  words".to_vec(), &[Secret::new("two  words")]);
        assert_eq!(&**output, b"[redacted]");
    }
}
