//! edge-oauth over ureq.

use std::error::Error;
use std::thread;
use std::time::Duration;

use edge_oauth_keys::PrivateKey;
use edge_oauth_no_io::{
    Algorithm, BasicEncoding, Challenge, ClientAuth, Config, JwtAssertion, Provider, Secret,
    challenge,
};
use edge_oauth_ureq::{TokenSource, UreqTransport};
use serde_json::{Value, json};

use crate::{params, text};

pub(crate) fn answer(call: &Value) -> Value {
    if text(call, "do") == "challenge" {
        return read_challenge(text(call, "url"));
    }
    let (config, key) = match config(call) {
        Ok(config) => config,
        Err(error) => return json!({"error": error.to_string()}),
    };
    let transport = UreqTransport::new();
    // One attempt; a source makes several.
    let outcome = match key {
        None if text(call, "do") == "token" => transport.fetch(&config, Duration::from_secs(10)),
        None => {
            calls(call, &TokenSource::new(transport, config));
            return json!({});
        }
        Some(key) => TokenSource::builder(config)
            .signer(key)
            .build(transport)
            .token(),
    };
    match outcome {
        Ok(token) => json!({
            "token": token.expose(),
            "expires_in": token.expires_in().map(|lifetime| lifetime.as_secs_f64()),
        }),
        Err(error) => json!({"code": error.code(), "error": error.to_string()}),
    }
}

fn config(call: &Value) -> Result<(Config, Option<PrivateKey>), Box<dyn Error>> {
    let mut builder = Config::builder(text(call, "url"), text(call, "client_id")).lenient();
    if let Some(scope) = call["scope"].as_str() {
        builder = builder.scope(scope);
    }
    for (name, value) in params(call) {
        builder = match &*name {
            "audience" => builder.audience(value),
            _ => builder.param(name, value),
        };
    }
    let secret = Secret::new(text(call, "client_secret"));
    let mut key = None;
    builder = match text(call, "auth") {
        "client_secret_basic" => {
            let builder = builder.client_secret(secret);
            builder.basic_auth(match text(call, "basic_encoding") {
                "plus" => BasicEncoding::Plus,
                _ => BasicEncoding::Percent,
            })
        }
        "private_key_jwt" => {
            let mut jwk = call["key"].clone();
            let mut assertion = JwtAssertion::new(Algorithm::Es256);
            if let Some(key_id) = call["key_id"].as_str() {
                jwk["kid"] = key_id.into();
                assertion = assertion.key_id(key_id);
            }
            key = Some(PrivateKey::from_jwk(jwk.to_string())?);
            builder.client_auth(ClientAuth::PrivateKeyJwt(assertion))
        }
        _ => builder.client_secret(secret),
    };
    Ok((builder.build()?, key))
}

fn calls(call: &Value, source: &TokenSource) {
    let count = call["calls"].as_u64().unwrap_or_default();
    thread::scope(|scope| {
        for _ in 0..count {
            if call["at_once"] == true {
                scope.spawn(|| source.token());
            } else {
                let _ = source.token();
            }
        }
    });
}

fn read_challenge(url: &str) -> Value {
    let agent = ureq::Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .build()
        .new_agent();
    let (parts, mut body) = agent
        .get(url)
        .call()
        .expect("the server serves")
        .into_parts();
    let body = body.read_to_vec().expect("the server serves");
    let response = http::Response::from_parts(parts, body);
    json!({"challenge": match challenge(&response, &Provider::standard()) {
        Challenge::InvalidToken => "invalid_token",
        Challenge::InsufficientScope => "insufficient_scope",
        Challenge::Other => "other",
        _ => "none",
    }})
}
