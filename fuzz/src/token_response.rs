//! Any token response is a token or an error, and neither shows the client's secret.

use std::time::Duration;

use edge_oauth_no_io::{self as core, AccessToken, Config, MAX_WAIT, Secret, Tenant, TokenError};
use http::{Response, StatusCode};

use crate::message::Message;

/// Reads the bytes as a status, header lines, an empty line and the body.
pub fn token_response(bytes: &[u8]) {
    let message = Message::read(bytes);
    let status = message
        .number
        .and_then(|number| u16::try_from(number).ok())
        .and_then(|number| StatusCode::from_u16(number).ok())
        .unwrap_or(StatusCode::OK);
    let mut response = Response::new(message.body);
    *response.status_mut() = status;
    *response.headers_mut() = message.headers;

    for config in [standard(), experience_edge()] {
        match core::token_response(&config, &response) {
            Ok(token) => check_token(&token, &response),
            Err(error) => check_error(&error, &response),
        }
    }
}

fn check_token(token: &AccessToken, response: &Response<&[u8]>) {
    assert!(
        response.status().is_success(),
        "P6: a token with another status"
    );
    let text = token.expose();
    assert!(
        !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'!'..=b'~')),
        "P30: a token that a header cannot carry"
    );
    assert!(token.authorization().is_sensitive());
    assert_eq!(token.authorization(), format!("Bearer {text}"));
    // Escapes of JSON or of a form may spell the token in another way.
    let plain = !response
        .body()
        .iter()
        .any(|byte| matches!(byte, b'\\' | b'%'));
    assert!(
        !plain || contains(response.body(), text.as_bytes()),
        "a token that the response does not contain"
    );
    let years_10 = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    assert!(
        token.expires_in().is_none_or(|life| life <= years_10),
        "P27"
    );
    let shown = format!("{token:?}");
    assert_no_secret(&shown);
    // A shorter token may be a part of the fixed text.
    assert!(
        text.len() < 12 || !shown.contains(text),
        "a token is printed: {shown}"
    );
    let _ = token.claims();
}

fn check_error(error: &TokenError, response: &Response<&[u8]>) {
    let shown = error.to_string();
    assert!(
        !shown.contains(char::is_control),
        "P41: a control character in {shown:?}"
    );
    assert!(shown.len() < 1024, "P41, P42: {} bytes", shown.len());
    assert_no_secret(&shown);
    assert_no_secret(&format!("{error:?} {:?}", error.hint()));
    if let Some(status) = error.status() {
        assert_eq!(status, response.status());
        assert!(
            !status.is_server_error() || error.is_transient(),
            "P16: a permanent error with {status}"
        );
    }
    if let Some(retry_after) = error.retry_after() {
        assert!(retry_after.wait(Duration::ZERO) <= MAX_WAIT, "P21");
    }
}

/// Checks for the secret in each form in which a request carries it, and for eight characters in a row of it.
fn assert_no_secret(shown: &str) {
    for form in [SECRET, ENCODED, BASIC] {
        assert!(!shown.contains(form), "the secret is printed: {shown}");
    }
    let shown = shown.to_ascii_lowercase();
    let mut parts = SECRET.as_bytes().windows(8);
    let is_shown = |part| contains(shown.as_bytes(), part);
    assert!(!parts.any(is_shown), "a part of it is: {shown}");
}

fn contains(body: &[u8], text: &[u8]) -> bool {
    body.windows(text.len()).any(|part| part == text)
}

fn standard() -> Config {
    Config::builder("https://login.example/token", "client")
        .client_secret(Secret::new(SECRET))
        .build()
        .unwrap()
}

fn experience_edge() -> Config {
    Config::experience_edge(Tenant::Current, "client", Secret::new(SECRET)).unwrap()
}

const SECRET: &str = "pl4nted&secret";
const ENCODED: &str = "pl4nted%26secret";
/// `client:pl4nted%26secret` in Base64.
const BASIC: &str = "Y2xpZW50OnBsNG50ZWQlMjZzZWNyZXQ=";

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn forms_of_the_secret_are_right() {
        assert_eq!(ENCODED, urlencoding::encode(SECRET));
        assert_eq!(BASIC, STANDARD.encode(format!("client:{ENCODED}")));
    }
}
