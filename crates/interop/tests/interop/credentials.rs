//! Keys of clients, made during the test, and one token request with them.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use edge_oauth_conformance::{Planted, Subject};
use edge_oauth_driver::{Signer, system_time};
use edge_oauth_keys::{HmacKey, PrivateKey};
use edge_oauth_no_io::{
    AccessToken, Acquisition, Action, Algorithm, Completion, Config, Moment, Secret, TokenError,
};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use serde_json::{Value, json};

use crate::clients::{LONG, listening};

/// A proof of the client's identity, for one request.
pub(crate) enum Proof<'a> {
    Signer(&'a dyn Signer),
    /// An assertion of a platform.
    Assertion(&'a str),
    /// The configuration or the connection contains the proof.
    Present,
}

/// A token request: its result, its assertion, and the log of the server.
pub(crate) struct Attempt {
    pub(crate) result: Result<AccessToken, TokenError>,
    pub(crate) assertion: Option<String>,
    pub(crate) detail: String,
}

/// Sends one token request at this time. Asserts that its error and the logs contain no secret, assertion or token.
pub(crate) fn attempt<S: Subject>(
    subject: &S,
    config: &Config,
    proof: &Proof<'_>,
    now: Moment,
) -> Attempt {
    let watch = listening();
    let mark = watch.mark();
    let mut acquisition = Acquisition::new(config, LONG, now);
    let (mut assertion, mut detail) = (None, String::new());
    loop {
        let completion = match acquisition.poll(now, unique()) {
            Action::Send(request, limits) => {
                assertion = client_assertion(request.body().as_ref());
                match subject.send(request, limits) {
                    Ok(response) => {
                        if let Some(value) = response.headers().get("x-error-detail") {
                            detail = value.to_str().unwrap().to_owned();
                        }
                        Completion::Response(response)
                    }
                    Err(error) => Completion::Failed(error),
                }
            }
            Action::Sign(to_sign) => match proof {
                Proof::Signer(signer) => Completion::Signature(signer.sign(&to_sign)),
                _ => unreachable!("the configuration asks for a signature"),
            },
            Action::Assertion(_) => match proof {
                Proof::Assertion(jwt) => Completion::Assertion(Ok(Secret::new(*jwt))),
                _ => unreachable!("the configuration asks for an assertion"),
            },
            _ => break,
        };
        acquisition.handle(completion, now);
    }
    let result = acquisition.finish();
    let mut secrets = Planted::new();
    if let Some(assertion) = &assertion {
        secrets.plant("an assertion", assertion);
    }
    match &result {
        Ok(token) => secrets.plant("a token", token.expose()),
        Err(error) => {
            watch.assert_no_secret_in_error(error);
            secrets.assert_not_in(&format!("{error} {error:?}"));
        }
    }
    watch.assert_not_logged(&secrets, mark);
    watch.assert_no_secret_logged();
    Attempt {
        result,
        assertion,
        detail,
    }
}

/// Sends one token request now.
pub(crate) fn attempt_now<S: Subject>(subject: &S, config: &Config, proof: &Proof<'_>) -> Attempt {
    attempt(subject, config, proof, system_time())
}

/// Returns the registration of a client for each key.
pub(crate) fn clients() -> Vec<Value> {
    let client = |algorithm: Algorithm| {
        let jwk: Value = serde_json::from_str(&key(algorithm).public_jwk()).unwrap();
        json!({
            "client_id": algorithm.as_str(),
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": { "keys": [jwk] },
        })
    };
    KEY_ALGORITHMS.map(client).into()
}

/// Sends a token request with a configuration that needs neither a signature nor an assertion.
pub(crate) fn fetch<S: Subject>(subject: &S, config: &Config) -> Result<AccessToken, TokenError> {
    attempt_now(subject, config, &Proof::Present).result
}

/// Returns the key of the client whose id is the name of the algorithm.
pub(crate) fn key(algorithm: Algorithm) -> &'static PrivateKey {
    &KEYS[algorithm.as_str()]
}

pub(crate) fn hmac_key() -> HmacKey {
    HmacKey::new(Secret::new(HMAC_SECRET)).unwrap()
}

/// A key that no client has.
pub(crate) fn foreign_key() -> PrivateKey {
    let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    PrivateKey::from_pem(pair.serialize_pem()).unwrap()
}

pub(crate) const KEY_ALGORITHMS: [Algorithm; 4] = [
    Algorithm::Es256,
    Algorithm::Rs256,
    Algorithm::Ps256,
    Algorithm::EdDsa,
];

pub(crate) const HMAC_SECRET: &str = "a client secret that signs, 32 bytes or more";

static KEYS: LazyLock<HashMap<&str, PrivateKey>> = LazyLock::new(|| {
    let made = |algorithm| KeyPair::generate_for(algorithm).unwrap().serialize_pem();
    // ring cannot generate RSA keys.
    let rsa = include_str!("../../../keys/tests/keys/rsa.pkcs8.pem");
    let key = |algorithm: Algorithm| {
        let pem = match algorithm {
            Algorithm::Es256 => made(&PKCS_ECDSA_P256_SHA256),
            Algorithm::EdDsa => made(&PKCS_ED25519),
            _ => rsa.to_owned(),
        };
        let key = PrivateKey::from_pem(pem).unwrap();
        (algorithm.as_str(), key.with_algorithm(algorithm).unwrap())
    };
    KEY_ALGORITHMS.map(key).into()
});

/// Returns other bytes at each call, for the `jti`.
fn unique() -> [u8; 16] {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    u128::from(NEXT.fetch_add(1, Ordering::Relaxed)).to_be_bytes()
}

fn client_assertion(body: &[u8]) -> Option<String> {
    let mut params = form_urlencoded::parse(body);
    let found = params.find(|(name, _)| name == "client_assertion");
    found.map(|(_, value)| value.into_owned())
}
