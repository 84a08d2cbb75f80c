//! Assertions that `oidc-provider` verifies: with its defaults, and with the FAPI 2.0 security profile.

use std::sync::LazyLock;
use std::time::Duration;

use edge_oauth_conformance::{Authority, Subject};
use edge_oauth_driver::system_time;
use edge_oauth_interop::Oidc;
use edge_oauth_no_io::{Algorithm, ClientAuth, Config, Culprit, JwtAssertion, TokenError};
use serde_json::{Value, json};

use crate::credentials::{
    Attempt, HMAC_SECRET, KEY_ALGORITHMS, Proof, attempt, attempt_now, clients, foreign_key,
    hmac_key, key,
};
use crate::mutual_tls;
use crate::oidc::RESOURCE;

/// The server accepts the key as [`PrivateKey::public_jwk`](edge_oauth_keys::PrivateKey::public_jwk) writes it.
pub(crate) fn assertion_of_each_algorithm_is_accepted<S: Subject>() {
    let server = &*PLAIN;
    for algorithm in KEY_ALGORITHMS {
        let form = key(algorithm).assertion();
        let token = server.sign::<S>(algorithm, form).result.unwrap();
        let client = token.claims().unwrap().get("client_id");
        assert_eq!(client.as_deref(), Some(algorithm.as_str()));
    }
    let auth = ClientAuth::ClientSecretJwt(hmac_key().assertion());
    let config = server.config("HS256", auth);
    let attempt = attempt_now(&server.subject::<S>(), &config, &Proof::Signer(&hmac_key()));
    attempt.result.unwrap();
}

/// FAPI 2.0 §5.3.2.1: the audience is the issuer, and RS256 is too weak.
pub(crate) fn assertion_for_the_issuer_is_accepted_by_fapi<S: Subject>() {
    let server = &*FAPI;
    for algorithm in KEY_ALGORITHMS {
        let form = key(algorithm).assertion().audience(server.peer.url(""));
        let attempt = server.sign::<S>(algorithm, form);
        match algorithm {
            Algorithm::Rs256 => refused(&attempt, "alg mismatch", "algorithm"),
            _ => drop(attempt.result.unwrap()),
        }
    }
}

// fault: assertion-is-not-accepted
pub(crate) fn assertion_for_another_audience_is_rejected<S: Subject>() {
    let form = || key(Algorithm::Es256).assertion();
    // The default audience is the token endpoint, which FAPI rejects.
    for (server, form) in [
        (&*PLAIN, form().audience("https://other.example")),
        (&*FAPI, form()),
    ] {
        let attempt = server.sign::<S>(Algorithm::Es256, form);
        refused(&attempt, "audience (aud) must equal", "the audience");
    }
}

// fault: assertion-is-not-accepted
pub(crate) fn assertion_with_the_key_of_another_client_is_rejected<S: Subject>() {
    let (own, foreign) = (key(Algorithm::Es256), foreign_key());
    for (key, detail) in [
        (foreign.clone(), "no applicable key"),
        (foreign.with_key_id(own.key_id()), "signature"),
    ] {
        let auth = ClientAuth::PrivateKeyJwt(key.assertion());
        let config = PLAIN.config("ES256", auth);
        let attempt = attempt_now(&PLAIN.subject::<S>(), &config, &Proof::Signer(&key));
        refused(&attempt, detail, "the public key is registered");
    }
    // Another secret, long enough for HS256.
    let secret = edge_oauth_no_io::Secret::new("another client secret, 32 bytes or more");
    let key = edge_oauth_keys::HmacKey::new(secret).unwrap();
    let config = PLAIN.config("HS256", ClientAuth::ClientSecretJwt(key.assertion()));
    let attempt = attempt_now(&PLAIN.subject::<S>(), &config, &Proof::Signer(&key));
    refused(&attempt, "signature", "the client secret that signs");
}

// fault: assertion-is-not-accepted
pub(crate) fn assertion_of_a_slow_clock_is_rejected<S: Subject>() {
    let mut now = system_time();
    now.wall -= Duration::from_secs(3600);
    let key = key(Algorithm::Es256);
    let config = PLAIN.config("ES256", ClientAuth::PrivateKeyJwt(key.assertion()));
    let attempt = attempt(&PLAIN.subject::<S>(), &config, &Proof::Signer(key), now);
    refused(&attempt, "expired", "clock");
}

// fault: assertion-is-not-accepted
pub(crate) fn assertion_used_twice_is_rejected<S: Subject>() {
    let first = PLAIN.sign::<S>(Algorithm::Es256, key(Algorithm::Es256).assertion());
    let jwt = first.assertion.unwrap();
    first.result.unwrap();

    let config = PLAIN.config("ES256", ClientAuth::Assertion);
    let again = attempt_now(&PLAIN.subject::<S>(), &config, &Proof::Assertion(&jwt));
    refused(&again, "must only be used once", "only once");
}

/// The provider tells its clients only that they failed, so the hint has to explain more.
#[track_caller]
pub(crate) fn refused(attempt: &Attempt, detail: &str, hint: &str) {
    let error = attempt.result.as_ref().unwrap_err();
    assert!(attempt.detail.contains(detail), "{}", attempt.detail);
    let TokenError::ErrorResponse(_) = error else {
        panic!("{error}");
    };
    assert_eq!(error.status().unwrap(), 401, "{error}");
    assert_eq!(error.code(), Some("invalid_client"));
    assert_eq!(error.description(), Some("client authentication failed"));
    assert_eq!(error.culprit(), Culprit::Config);
    assert!(!error.is_transient());
    assert!(error.hint().unwrap().contains(hint), "{:?}", error.hint());
}

/// Returns a provider with clients that send no secret.
pub(crate) struct Server {
    pub(crate) peer: Oidc,
}

impl Server {
    pub(crate) fn subject<S: Subject>(&self) -> S {
        S::trusting(&AUTHORITY.pem())
    }

    pub(crate) fn config(&self, client: &str, auth: ClientAuth) -> Config {
        let builder = Config::builder(self.peer.url("/token"), client).client_auth(auth);
        builder.resource(RESOURCE).build().unwrap()
    }

    /// Sends a token request with an assertion of this form, signed with the key of the algorithm's client.
    fn sign<S: Subject>(&self, algorithm: Algorithm, form: JwtAssertion) -> Attempt {
        let config = self.config(algorithm.as_str(), ClientAuth::PrivateKeyJwt(form));
        attempt_now(
            &self.subject::<S>(),
            &config,
            &Proof::Signer(key(algorithm)),
        )
    }
}

pub(crate) static PLAIN: LazyLock<Server> = LazyLock::new(|| {
    let mut clients = all_clients();
    clients.push(json!({
        "client_id": "HS256",
        "client_secret": HMAC_SECRET,
        "token_endpoint_auth_method": "client_secret_jwt",
    }));
    let clients = Value::from(clients).to_string();
    let peer = Oidc::with_clients(&AUTHORITY, &clients);
    Server { peer }
});

pub(crate) static FAPI: LazyLock<Server> = LazyLock::new(|| {
    let peer = Oidc::by_fapi(&AUTHORITY, &Value::from(all_clients()).to_string());
    Server { peer }
});

pub(crate) static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("ours"));

fn all_clients() -> Vec<Value> {
    let mut clients = clients();
    clients.extend(mutual_tls::clients());
    clients
}
