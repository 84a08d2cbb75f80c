//! Accepted and rejected forms of a token request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use edge_oauth_local::{Client, MAX_BODY, Options, Simulator};
use http::{Request, Response};
use serde_json::{Value, json};

use crate::peer::{FORM, ask, but, edge, encode, form, good, header, post};

fn assert_invalid_request(answer: &Response<Vec<u8>>) {
    assert_eq!(answer.status(), 400);
    assert_eq!(crate::peer::json(answer)["error"], "invalid_request");
}

fn assert_says(answer: &Response<Vec<u8>>, words: &str) {
    assert_eq!(crate::peer::json(answer)["error_description"], words);
}

/// A request without credentials in its body and with this `Authorization` header.
fn with_authorization(value: &str, parameters: &[(&str, &str)]) -> Request<Vec<u8>> {
    let mut request = form(parameters);
    let value = value.parse().unwrap();
    request.headers_mut().append("authorization", value);
    request
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

fn without_credentials() -> Vec<(&'static str, &'static str)> {
    let mut parameters = good();
    parameters.retain(|(name, _)| !name.starts_with("client_"));
    parameters
}

#[test]
fn json_is_as_good_as_a_form() {
    let body: Value = good().into_iter().collect();
    for content_type in ["application/json", "Application/JSON; charset=utf-8"] {
        let answer = ask(&mut edge(), &post(content_type, body.to_string()));
        assert_eq!(answer.status(), 200, "{content_type}");
    }
}

#[test]
fn a_malformed_body_is_invalid_request() {
    let number = json!({ "grant_type": "client_credentials", "audience": 7 }).to_string();
    for (content_type, body) in [
        ("application/json", ""),
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", "\"text\""),
        ("application/json", number.as_str()),
        ("application/json", encode(&good()).as_str()),
        ("text/plain", encode(&good()).as_str()),
        ("", encode(&good()).as_str()),
        (FORM, ""),
        (FORM, "{}"),
    ] {
        assert_invalid_request(&ask(&mut edge(), &post(content_type, body)));
    }
    assert_invalid_request(&ask(&mut edge(), &post(FORM, b"a=\xff".to_vec())));
    let untyped = Request::post("/oauth/token").body(encode(&good()).into_bytes());
    assert_invalid_request(&ask(&mut edge(), &untyped.unwrap()));
}

#[test]
fn error_names_the_parameter_or_the_header_that_is_wrong() {
    let with = |member: &str| {
        let body = json!({ "grant_type": "client_credentials", member: 7 });
        ask(&mut edge(), &post("application/json", body.to_string()))
    };
    assert_says(&with("audience"), "The parameter audience is not text");
    // The name of another member may be a secret that slipped.
    let unknown = "The parameter (of an unknown name) is not text";
    assert_says(&with("pl4nted"), unknown);
    let untyped = ask(&mut edge(), &post("text/plain", encode(&good())));
    let words =
        "The Content-Type is neither application/x-www-form-urlencoded nor application/json";
    assert_says(&untyped, words);
}

#[test]
fn a_repeated_parameter_is_invalid_request_but_for_resource() {
    let mut twice = good();
    twice.push(("audience", "https://api.sitecorecloud.io"));
    let answer = ask(&mut edge(), &form(&twice));
    assert_invalid_request(&answer);
    assert_says(&answer, "The parameter audience came more than once");

    let mut resources = good();
    resources.extend([("resource", "https://a.invalid"); 2]);
    assert_eq!(ask(&mut edge(), &form(&resources)).status(), 200);
}

#[test]
fn extra_parameters_do_no_harm() {
    let answer = ask(&mut edge(), &form(&but("organization_id", "org_1")));
    assert_eq!(answer.status(), 200);
}

#[test]
fn credentials_may_come_by_basic() {
    let value = basic("local-client:local-secret");
    let answer = ask(
        &mut edge(),
        &with_authorization(&value, &without_credentials()),
    );
    assert_eq!(answer.status(), 200);

    let mut same_id = without_credentials();
    same_id.push(("client_id", "local-client"));
    let answer = ask(&mut edge(), &with_authorization(&value, &same_id));
    assert_eq!(answer.status(), 200);
}

#[test]
fn basic_credentials_are_form_decoded() {
    let client = Client::new("an id: ä", "p&s+=% w");
    let mut edge = Simulator::new(Options::default().client(client), "http://127.0.0.1:1");
    for pair in [
        "an+id%3A+%C3%A4:p%26s%2B%3D%25+w",
        "an%20id%3a%20%c3%a4:p%26s%2B=%25%20w",
    ] {
        let request = with_authorization(&basic(pair), &without_credentials());
        assert_eq!(ask(&mut edge, &request).status(), 200, "{pair}");
    }
}

#[test]
fn wrong_basic_credentials_are_challenged() {
    let request = with_authorization(&basic("local-client:wrong"), &without_credentials());
    let answer = ask(&mut edge(), &request);
    assert_eq!(answer.status(), 401);
    assert!(header(&answer, "www-authenticate").starts_with("Basic "));

    let in_body = ask(&mut edge(), &form(&but("client_secret", "wrong")));
    assert_eq!(header(&in_body, "www-authenticate"), "");
}

#[test]
fn two_ways_at_once_are_invalid_request() {
    let value = basic("local-client:local-secret");
    assert_invalid_request(&ask(&mut edge(), &with_authorization(&value, &good())));

    let mut other_id = without_credentials();
    other_id.push(("client_id", "another"));
    assert_invalid_request(&ask(&mut edge(), &with_authorization(&value, &other_id)));

    let mut twice = with_authorization(&value, &without_credentials());
    let again = value.parse().unwrap();
    twice.headers_mut().append("authorization", again);
    assert_invalid_request(&ask(&mut edge(), &twice));
}

#[test]
fn an_authorization_header_that_is_not_basic_is_invalid_request() {
    for value in ["Bearer abc", "Basic", "Basic ???", "Basic bm8gY29sb24="] {
        let request = with_authorization(value, &without_credentials());
        assert_invalid_request(&ask(&mut edge(), &request));
    }
}

#[test]
fn a_body_over_the_cap_is_413() {
    let mut body = encode(&good()).into_bytes();
    body.extend_from_slice(b"&filler=");
    body.resize(MAX_BODY, b'x');
    assert_eq!(ask(&mut edge(), &post(FORM, body.clone())).status(), 200);
    body.push(b'x');
    assert_eq!(ask(&mut edge(), &post(FORM, body)).status(), 413);
}
