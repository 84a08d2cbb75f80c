//! The configurations, and the responses of the token endpoint and of the store.

use std::sync::OnceLock;
use std::time::Duration;

use edge_oauth_no_io::{
    Completion, Config, Secret, SecretBytes, SharedResponse, TransportError, TransportErrorKind,
    token_response,
};
use http::Response;

/// Returns one of four configurations: the lowest bit of `version` is in the secret, the next in the audience.
pub(crate) fn config(version: u64) -> Config {
    static CONFIGS: OnceLock<Vec<Config>> = OnceLock::new();
    let configs = CONFIGS.get_or_init(|| (0..4).map(build).collect());
    configs[usize::try_from(version).unwrap()].clone()
}

fn build(version: u64) -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new(format!("s3cret{}", version % 2)))
        .audience(format!("https://api{}.example", version / 2))
        .build()
        .unwrap()
}

pub(crate) fn token(number: usize, lifetime: u64) -> Completion {
    response(200, &[], &token_body(number, lifetime))
}

fn token_body(number: usize, lifetime: u64) -> String {
    format!(r#"{{"access_token":"t0ken-{number}","expires_in":{lifetime}}}"#)
}

pub(crate) fn fault() -> Completion {
    Completion::Failed(TransportError::new(TransportErrorKind::Closed, ""))
}

pub(crate) fn timed_out() -> Completion {
    Completion::Failed(TransportError::new(TransportErrorKind::Timeout, ""))
}

pub(crate) fn busy() -> Completion {
    response(503, &[], BUSY)
}

pub(crate) fn denied() -> Completion {
    response(401, &[], DENIED)
}

pub(crate) fn retry_after(seconds: u64) -> Completion {
    response(503, &[("retry-after", seconds)], BUSY)
}

/// A rate that is used up until `reset`, in seconds since the Unix epoch.
pub(crate) fn quota(reset: u64) -> Completion {
    let headers = [("x-ratelimit-remaining", 0), ("x-ratelimit-reset", reset)];
    response(429, &headers, BUSY)
}

fn response(status: u16, headers: &[(&str, u64)], body: &str) -> Completion {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let body = SecretBytes::new(body.as_bytes().to_vec());
    Completion::Response(response.body(body).unwrap())
}

/// Returns the response with a lifetime that is longer by this much.
pub(crate) fn with_later_expiry(
    response: Response<SecretBytes>,
    by: Duration,
) -> Response<SecretBytes> {
    let body = String::from_utf8_lossy(response.body().as_ref()).into_owned();
    let Some((start, lifetime)) = body.split_once(r#""expires_in":"#) else {
        return response;
    };
    let lifetime: u64 = lifetime.trim_end_matches('}').parse().unwrap();
    let body = format!(r#"{start}"expires_in":{}}}"#, lifetime + by.as_secs());
    response.map(|_| SecretBytes::new(body.into_bytes()))
}

/// Returns what another process shares: a token of 900 s.
pub(crate) fn shared_token(number: usize, born: Duration) -> Option<SharedResponse> {
    shared(200, token_body(number, 900), born)
}

/// Returns what another process shares: a permanent error.
pub(crate) fn shared_error(born: Duration) -> Option<SharedResponse> {
    shared(400, r#"{"error":"invalid_scope"}"#.to_owned(), born)
}

fn shared(status: u16, body: String, born: Duration) -> Option<SharedResponse> {
    let response = Response::builder().status(status).body(body).unwrap();
    let outcome = token_response(&config(0), &response);
    SharedResponse::new(&config(0), born, &outcome)
}

const BUSY: &str = r#"{"error":"temporarily_unavailable"}"#;
const DENIED: &str = r#"{"error":"invalid_client"}"#;
