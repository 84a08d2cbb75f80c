//! Token requests with an assertion, and their results.

use edge_oauth_local::{AUDIENCE, Client, Options, Simulator};
use http::{Request, Response};
use serde_json::{Value, json};

use crate::peer::{BASE_URL, FORM, NOW, encode, header, json, post};
use crate::signer::{SECRET, Signer};

pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
pub(crate) const ID: &str = "cart";

pub(crate) fn edge(client: Client) -> Simulator {
    Simulator::new(Options::default().client(client), BASE_URL)
}

pub(crate) fn registered(signer: &Signer) -> Client {
    match &signer.jwk {
        Value::Null => Client::new(ID, SECRET),
        jwk => Client::without_secret(ID)
            .public_key(&jwk.to_string())
            .unwrap(),
    }
}

/// Returns valid claims of an assertion that was made at this time.
pub(crate) fn claims(now: u64) -> Value {
    json!({
        "iss": ID,
        "sub": ID,
        "aud": format!("{BASE_URL}/oauth/token"),
        "jti": "1",
        "iat": now,
        "exp": now + 60,
    })
}

pub(crate) fn good() -> Value {
    claims(NOW.as_secs())
}

/// Returns the claims with one of them changed, or removed if the value is null.
pub(crate) fn but(name: &str, value: Value) -> Value {
    let mut claims = good();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

pub(crate) fn parameters(assertion: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("audience", AUDIENCE),
        ("client_id", ID),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
    ]
}

pub(crate) fn form(assertion: &str) -> Request<Vec<u8>> {
    post(FORM, encode(&parameters(assertion)))
}

pub(crate) fn ask(edge: &mut Simulator, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    edge.respond(request, NOW).response
}

/// Returns the description of the 401.
#[track_caller]
pub(crate) fn refusal(edge: &mut Simulator, request: &Request<Vec<u8>>) -> String {
    let response = ask(edge, request);
    let body = json(&response);
    assert_eq!(response.status(), 401, "{body}");
    assert_eq!(header(&response, "www-authenticate"), "");
    assert_eq!(body["error"], "invalid_client");
    for part in sent_parts(request).iter().filter(|part| part.len() >= 8) {
        assert!(!body.to_string().contains(part), "{body}");
    }
    body["error_description"].as_str().unwrap().to_owned()
}

/// Returns the header, the claims and the signature that arrived.
fn sent_parts(request: &Request<Vec<u8>>) -> Vec<String> {
    let mut parameters = form_urlencoded::parse(request.body());
    let assertion = parameters.find(|(name, _)| name == "client_assertion");
    let assertion = assertion.map(|(_, value)| value.into_owned());
    let assertion = assertion.unwrap_or_default();
    assertion.split('.').map(str::to_owned).collect()
}
