//! The vectors in `vectors/`: each request is made, and each response is read, as its vector says. The vectors name the rows of docs/faults.md.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../vectors/vectors.rs"]
mod vectors;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, BasicEncoding, BodyFormat, Challenge, Config, ConfigBuilder, Culprit,
    MalformedReason, Provider, Secret, Tenant, TokenError, challenge, challenge_needs_body,
    token_request, token_response,
};
use http::Response;
use serde_json::{Value, json};
use vectors::Vector;

#[test]
fn token_request_is_made_as_its_vector_says() {
    for vector in vectors::read("token-requests") {
        let config = builder(&vector.json["client"]).build().unwrap();
        let request = token_request(&config).unwrap();
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let made = json!({
            "uri": request.uri().to_string(),
            "headers": headers.collect::<BTreeMap<_, _>>(),
            "body": std::str::from_utf8(request.body().as_ref()).unwrap(),
        });
        assert_eq!(made, vector.json["request"], "{}", vector.name);
        assert_eq!(request.method(), "POST");
    }
}

#[test]
fn token_response_is_read_as_its_vector_says() {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret-of-ours"))
        .build()
        .unwrap();
    let mut wrong = Vec::new();
    for vector in token_responses() {
        for response in &vector.responses {
            let outcome = token_response(&config, response);
            let read = match &outcome {
                Ok(token) => json!({"verdict": "token", "token": token_json(token)}),
                Err(error) => error_json(error, &vector.json["error"]),
            };
            let status = outcome.as_ref().err().and_then(TokenError::status);
            assert!(status.is_none_or(|status| status == response.status()));
            for (member, read) in read.as_object().unwrap() {
                let expected = &vector.json[member];
                if expected != read {
                    let case = (&vector.name, response.status(), body(response));
                    wrong.push(format!("{case:?}: {member} is {read}, not {expected}"));
                }
            }
            assert_redacted(&outcome, response);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn challenge_is_read_as_its_vector_says() {
    for vector in vectors::read("challenges") {
        for provider in ["standard", "experience_edge"] {
            let named = &vector.json["provider"];
            if !named.is_null() && !named.as_array().unwrap().contains(&json!(provider)) {
                continue;
            }
            let provider = match provider {
                "standard" => Provider::standard(),
                _ => Provider::experience_edge(),
            };
            for response in &vector.responses {
                let read = challenge(response, &provider);
                let case = (&vector.name, response.status());
                assert_eq!(vector.verdict, challenge_name(&read), "{case:?}");
                // A caller that does not read the body gets the same result if the body is not needed.
                let (parts, _) = response.clone().into_parts();
                if !challenge_needs_body(parts.status, &parts.headers, &provider) {
                    let head = Response::from_parts(parts, "");
                    assert_eq!(challenge(&head, &provider), read, "{case:?}");
                }
            }
        }
    }
}

#[test]
fn names_of_vectors_are_unique() {
    let mut names = HashSet::new();
    let others = ["challenges", "token-requests"];
    let others = others.into_iter().flat_map(vectors::read);
    for vector in token_responses().chain(others) {
        assert!(names.insert(vector.name.clone()), "{}", vector.name);
    }
}

/// Returns the configuration of a vector's client.
fn builder(client: &Value) -> ConfigBuilder {
    let text = |name: &str| client[name].as_str();
    let (id, secret) = (text("client_id").unwrap(), text("client_secret").unwrap());
    let secret = Secret::new(secret);
    let mut builder = match text("tenant") {
        None => Config::builder(text("endpoint").unwrap(), id).client_secret(secret),
        Some(tenant) => {
            let tenant = match tenant {
                "current" => Tenant::Current,
                "pre_production" => Tenant::PreProduction,
                id => Tenant::Old(id.to_owned()),
            };
            let config = Config::experience_edge(tenant, id, secret).unwrap();
            config.to_builder()
        }
    };
    if let Some(endpoint) = text("endpoint") {
        builder = builder.endpoint(endpoint);
    }
    if client["lenient"] == true {
        builder = builder.lenient();
    }
    if text("auth") == Some("client_secret_basic") {
        builder = builder.basic_auth(match text("basic_encoding").unwrap() {
            "plus" => BasicEncoding::Plus,
            _ => BasicEncoding::Percent,
        });
    }
    if text("body_format") == Some("json") {
        builder = builder.body_format(BodyFormat::Json);
    }
    if let Some(audience) = text("audience") {
        builder = builder.audience(audience);
    }
    if let Some(scope) = text("scope") {
        builder = builder.scope(scope);
    }
    for resource in client["resources"].as_array().into_iter().flatten() {
        builder = builder.resource(resource.as_str().unwrap());
    }
    for (name, value) in client["params"].as_object().into_iter().flatten() {
        builder = builder.param(name, value.as_str().unwrap());
    }
    builder
}

fn token_responses() -> impl Iterator<Item = Vector> {
    ["token-responses", "token-errors"]
        .into_iter()
        .flat_map(vectors::read)
}

fn token_json(token: &AccessToken) -> Value {
    let mut json = json!({"access_token": token.expose()});
    if let Some(lifetime) = token.expires_in() {
        json["expires_in"] = lifetime.as_secs().into();
    }
    if let Some(scope) = token.scope() {
        json["scope"] = scope.into();
    }
    json
}

/// Returns the members that every vector of an error has. A hint is a part of the hint.
fn error_json(error: &TokenError, expected: &Value) -> Value {
    let mut json = json!({"culprit": match error.culprit() {
        Culprit::Config => "config",
        Culprit::Server => "server",
        _ => "network",
    }});
    if let Some(code) = error.code() {
        json["code"] = code.into();
    }
    if let Some(description) = error.description() {
        json["description"] = description.into();
    }
    if let Some(wait) = error.retry_after() {
        json["retry_after"] = wait.wait(NOW).as_secs().into();
    }
    if let TokenError::Malformed(malformed) = error {
        json["malformed"] = match &malformed.reason {
            MalformedReason::Empty => "empty".into(),
            MalformedReason::Syntax => "syntax".into(),
            MalformedReason::Expired => "expired".into(),
            MalformedReason::Member { name, .. } => {
                json["member"] = (*name).into();
                "member".into()
            }
            other => format!("{other:?}").into(),
        };
    }
    if let Some(part) = expected["hint"].as_str() {
        let hint = error.hint().unwrap_or_default();
        json["hint"] = if hint.contains(part) { part } else { hint }.into();
    }
    let verdict = if error.is_transient() {
        "transient"
    } else {
        "permanent"
    };
    json!({"verdict": verdict, "error": json})
}

/// Checks that nothing printed has the client secret, or a token of an error.
fn assert_redacted(outcome: &Result<AccessToken, TokenError>, response: &Response<Vec<u8>>) {
    let shown = match outcome {
        Ok(token) => format!("{token:?}"),
        Err(error) => format!("{error} {error:?}"),
    };
    for planted in ["s3cret", "t0ken", "r3fresh"] {
        assert!(!shown.contains(planted), "{shown}: {}", body(response));
    }
}

fn challenge_name(challenge: &Challenge) -> &'static str {
    match challenge {
        Challenge::None => "none",
        Challenge::InvalidToken => "invalid_token",
        Challenge::InsufficientScope => "insufficient_scope",
        _ => "other",
    }
}

fn body(response: &Response<Vec<u8>>) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// The time of the client in the vectors: Sun, 09 Sep 2001 01:46:40 GMT.
const NOW: Duration = Duration::from_secs(1_000_000_000);
