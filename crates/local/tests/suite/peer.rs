//! A client without a socket.

use std::time::Duration;

use edge_oauth_local::{AUDIENCE, DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Options, Simulator};
use http::request::Builder;
use http::{Request, Response};
use serde_json::Value;

pub(crate) const BASE_URL: &str = "http://127.0.0.1:1";
pub(crate) const NOW: Duration = Duration::from_secs(1_800_000_000);
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

pub(crate) fn edge() -> Simulator {
    Simulator::new(Options::default(), BASE_URL)
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

/// Returns valid parameters with one of them changed, added, or removed if the value is empty.
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

pub(crate) fn ask(edge: &mut Simulator, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let simulated = edge.respond(request, NOW);
    assert_eq!(simulated.delay, Duration::ZERO);
    simulated.response
}

pub(crate) fn ask_for_token(edge: &mut Simulator, now: Duration) -> Response<Vec<u8>> {
    edge.respond(&form(&good()), now).response
}

pub(crate) fn token(edge: &mut Simulator, now: Duration) -> String {
    token_of(&ask_for_token(edge, now))
}

pub(crate) fn token_of(answer: &Response<Vec<u8>>) -> String {
    json(answer)["access_token"].as_str().unwrap().to_owned()
}

pub(crate) fn json(response: &Response<Vec<u8>>) -> Value {
    assert_eq!(header(response, "content-type"), "application/json");
    serde_json::from_slice(response.body()).unwrap()
}

/// Returns the value of a header, or an empty text.
pub(crate) fn header<'a>(response: &'a Response<Vec<u8>>, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

/// The scopes of the default client.
pub(crate) const ALL_SCOPES: &str =
    "edge.content:clearall edge.tokens:create xmcloud.cm:admin xmcpub.jobs.a:r xmcpub.jobs.a:w";

/// A client with a token.
pub(crate) struct Caller {
    pub(crate) edge: Simulator,
    token: String,
}

impl Caller {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let mut edge = Simulator::new(options, BASE_URL);
        let token = token(&mut edge, NOW);
        Self { edge, token }
    }

    /// Gets the token of another client.
    pub(crate) fn log_in(&mut self, id: &str, secret: &str) {
        let mut parameters = good();
        parameters.retain(|(name, _)| !name.starts_with("client_"));
        let own = [("client_id", id), ("client_secret", secret)];
        let parameters: Vec<_> = parameters.into_iter().chain(own).collect();
        self.token = token_of(&ask(&mut self.edge, &form(&parameters)));
    }

    /// Sends a request without a body.
    pub(crate) fn send(&mut self, method: &str, path: &str) -> Response<Vec<u8>> {
        let request = self.request(method, path);
        ask(&mut self.edge, &request.body(Vec::new()).unwrap())
    }

    pub(crate) fn send_json(
        &mut self,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Response<Vec<u8>> {
        let request = self.json_request(method, path, body);
        ask(&mut self.edge, &request)
    }

    pub(crate) fn json_request(&self, method: &str, path: &str, body: &Value) -> Request<Vec<u8>> {
        let request = self.request(method, path);
        let request = request.header("content-type", "application/json");
        request.body(body.to_string().into_bytes()).unwrap()
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
    }
}

/// Returns the only field that a 400 names.
pub(crate) fn wrong_field(response: &Response<Vec<u8>>) -> String {
    assert_eq!(response.status(), 400);
    let media_type = header(response, "content-type");
    assert_eq!(media_type, "application/problem+json");
    let problem: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(problem["status"], 400);
    let errors = problem["errors"].as_object().unwrap();
    assert_eq!(errors.len(), 1);
    errors.keys().next().unwrap().clone()
}
