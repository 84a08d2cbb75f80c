//! The vectors of assertions and of calls, by the key and the source that users have. The vectors name the rows of
//! docs/faults.md.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../vectors/vectors.rs"]
mod vectors;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::testing::ScriptedTransport;
use edge_oauth_keys::PrivateKey;
use edge_oauth_no_io::{
    AccessToken, Algorithm, ClientAuth, Config, JwtAssertion, Secret, TokenError,
};
use http::Response;
use serde_json::Value;

/// The key of RFC 7515, appendix A.3.
const KEY: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

#[test]
fn assertion_is_made_as_its_vector_says() {
    for vector in vectors::read("assertions") {
        let client = &vector.json["client"];
        let mut key: Value = serde_json::from_str(KEY).unwrap();
        let mut assertion = JwtAssertion::new(Algorithm::Es256);
        if let Some(key_id) = client["key_id"].as_str() {
            key["kid"] = key_id.into();
            assertion = assertion.key_id(key_id);
        }
        let id = client["client_id"].as_str().unwrap();
        let config = Config::builder("https://login.example/token", id)
            .client_auth(ClientAuth::PrivateKeyJwt(assertion))
            .build()
            .unwrap();
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&bodies);
        let transport = ScriptedTransport::new(move |request| {
            seen.lock().unwrap().push(request.body().as_ref().to_vec());
            Ok(Response::new(
                br#"{"access_token":"t0ken","expires_in":3600}"#.to_vec(),
            ))
        });
        let key = PrivateKey::from_jwk(key.to_string()).unwrap();
        let source = TokenSource::builder(config).signer(key).build(transport);
        for _ in 0..2 {
            source.refresh().unwrap();
        }

        let mut ids = HashSet::new();
        for body in &*bodies.lock().unwrap() {
            let (header, claims) = parts(body);
            for (member, found) in [("header", &header), ("claims", &claims)] {
                for (name, value) in vector.json[member].as_object().unwrap() {
                    assert_eq!(&found[name], value, "{}: {name}", vector.name);
                }
            }
            for name in vector.json["required"].as_array().unwrap() {
                let name = name.as_str().unwrap();
                assert!(!claims[name].is_null(), "{}: {name}", vector.name);
            }
            if let Some(at_most) = vector.json["lifetime_at_most"].as_u64() {
                let (from, to) = (claims["iat"].as_u64(), claims["exp"].as_u64());
                assert!(to.unwrap() - from.unwrap() <= at_most);
            }
            assert!(claims["aud"].is_string());
            assert!(ids.insert(claims["jti"].to_string()));
        }
        assert_eq!(ids.len(), 2);
    }
}

/// Returns the header and the claims of the assertion in a request's body.
fn parts(body: &[u8]) -> (Value, Value) {
    let mut members = form_urlencoded::parse(body);
    let assertion = members.find(|(name, _)| name == "client_assertion");
    let (_, jwt) = assertion.unwrap();
    let mut parts = jwt.split('.').map(|part| {
        let json = URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice(&json).unwrap_or_default()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

#[test]
fn calls_cost_the_token_requests_of_their_vector() {
    for vector in vectors::read("calls") {
        let calls = vector.json["calls"].as_u64().unwrap() as usize;
        let requests = Arc::new(AtomicU64::new(0));
        let (count, response) = (Arc::clone(&requests), vector.responses[0].clone());
        let transport = ScriptedTransport::new(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(response.clone())
        });
        let config = Config::builder("https://login.example/token", "id")
            .client_secret(Secret::new("s3cret"))
            .build()
            .unwrap();
        let source = TokenSource::new(transport, config);

        let outcomes: Vec<_> = if vector.json["at_once"] == true {
            let barrier = Barrier::new(calls);
            let call = || {
                barrier.wait();
                source.token()
            };
            thread::scope(|scope| {
                let threads: Vec<_> = (0..calls).map(|_| scope.spawn(call)).collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .collect()
            })
        } else {
            (0..calls).map(|_| source.token()).collect()
        };

        for outcome in &outcomes {
            assert_eq!(vector.verdict, verdict(outcome), "{}", vector.name);
        }
        let expected = vector.json["requests"].as_u64().unwrap();
        assert_eq!(requests.load(Ordering::SeqCst), expected, "{}", vector.name);
    }
}

fn verdict(outcome: &Result<AccessToken, TokenError>) -> &'static str {
    match outcome {
        Ok(_) => "token",
        Err(error) if error.is_transient() => "transient",
        Err(_) => "permanent",
    }
}
