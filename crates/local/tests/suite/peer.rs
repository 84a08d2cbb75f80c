//! A client that needs no socket.

use std::time::Duration;

use edge_oauth_local::{AUDIENCE, DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Edge, Options};
use http::{Request, Response};
use serde_json::Value;

pub(crate) const BASE_URL: &str = "http://127.0.0.1:1";
pub(crate) const NOW: Duration = Duration::from_secs(1_800_000_000);
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn edge() -> Edge {
    Edge::new(Options::default(), BASE_URL)
}

/// The parameters of a request that succeeds.
pub(crate) fn good() -> Vec<(&'static str, &'static str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("audience", AUDIENCE),
        ("client_id", DEFAULT_CLIENT_ID),
        ("client_secret", DEFAULT_CLIENT_SECRET),
    ]
}

/// The good parameters with one of them changed, added, or (with an empty value) left out.
pub(crate) fn but(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut parameters = good();
    parameters.retain(|(other, _)| *other != name);
    if !value.is_empty() {
        parameters.push((name, value));
    }
    parameters
}

pub(crate) fn encode(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

pub(crate) fn form(parameters: &[(&str, &str)]) -> Request<Vec<u8>> {
    post(FORM, encode(parameters))
}

pub(crate) fn post(content_type: &str, body: impl Into<Vec<u8>>) -> Request<Vec<u8>> {
    Request::post("/oauth/token")
        .header("content-type", content_type)
        .body(body.into())
        .unwrap()
}

pub(crate) fn get(path: &str) -> Request<Vec<u8>> {
    Request::get(path).body(Vec::new()).unwrap()
}

pub(crate) fn settings(token: &str) -> Request<Vec<u8>> {
    Request::get("/api/admin/v1/settings")
        .header("authorization", format!("Bearer {token}"))
        .body(Vec::new())
        .unwrap()
}

pub(crate) fn ask(edge: &mut Edge, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let reply = edge.respond(request, NOW);
    assert_eq!(reply.delay, Duration::ZERO);
    reply.response
}

pub(crate) fn ask_for_token(edge: &mut Edge, now: Duration) -> Response<Vec<u8>> {
    edge.respond(&form(&good()), now).response
}

pub(crate) fn token(edge: &mut Edge, now: Duration) -> String {
    let answer = ask_for_token(edge, now);
    json(&answer)["access_token"].as_str().unwrap().to_owned()
}

pub(crate) fn json(response: &Response<Vec<u8>>) -> Value {
    assert_eq!(header(response, "content-type"), "application/json");
    serde_json::from_slice(response.body()).unwrap()
}

/// The value of a header, or an empty text.
pub(crate) fn header<'a>(response: &'a Response<Vec<u8>>, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}
