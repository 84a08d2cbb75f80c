//! Client authentication without sending a secret: each method, and each reason to reject an assertion.

use std::time::Duration;

use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::testing::Clock;
use edge_oauth_keys::{AssertionCallback, HmacKey, PrivateKey};
use edge_oauth_local::Client;
use edge_oauth_no_io::{Algorithm, ClientAuth, Culprit, Secret, TokenError};
use serde_json::json;

use crate::exchange::SubjectTransport;
use crate::oauth::credentials::SIGNING_SECRET;
use crate::oauth::jwt::{self, ID};
use crate::oauth::token_endpoint::TokenEndpoint;
use crate::secrecy::watch::watch;
use crate::subject::Subject;

pub(super) fn client_secret_jwt_gets_a_token<S: Subject>() {
    watch().plant("the secret that signs", SIGNING_SECRET);
    let clock = Clock::new();
    let issuer = TokenEndpoint::new::<S>(Client::new(ID, SIGNING_SECRET), &clock);
    let key = HmacKey::new(Secret::new(SIGNING_SECRET)).unwrap();
    let auth = ClientAuth::ClientSecretJwt(key.assertion());
    let source = issuer
        .source(auth)
        .signer(key)
        .build(SubjectTransport(S::new()));
    assert!(source.token().is_ok());
}

pub(super) fn private_key_jwt_gets_a_token_with_each_algorithm<S: Subject>() {
    let ps256 = jwt::RSA.key().with_algorithm(Algorithm::Ps256).unwrap();
    let keys = [
        jwt::P256.key(),
        jwt::P384.key(),
        jwt::ED25519.key(),
        jwt::RSA.key(),
        ps256,
    ];
    for key in keys {
        let clock = Clock::new();
        let issuer = TokenEndpoint::new::<S>(registered(&key), &clock);
        let auth = ClientAuth::PrivateKeyJwt(key.assertion());
        let algorithm = key.algorithm();
        let source = issuer
            .source(auth)
            .signer(key)
            .build(SubjectTransport(S::new()));
        let token = source.token();
        assert!(token.is_ok(), "{algorithm:?}: {token:?}");
        // Each attempt has its own assertion; the endpoint rejects an assertion that is used twice.
        assert!(source.refresh().is_ok(), "{algorithm:?}");
        assert_eq!(issuer.token_requests(), 2);
        for assertion in issuer.assertions() {
            watch().plant("an assertion", &assertion);
        }
    }
}

pub(super) fn platform_assertion_gets_a_token_at_each_request<S: Subject>() {
    let (clock, cluster) = (Clock::new(), jwt::RSA.key());
    let (name, subject) = ("https://cluster.example", "system:serviceaccount:shop:cart");
    let client = Client::without_secret(ID).trusted_issuer(name, subject, &cluster.public_jwk());
    let issuer = TokenEndpoint::new::<S>(client.unwrap(), &clock);
    let mut claims = jwt::claims(&issuer.token_url(), clock.now().wall, 3600);
    (claims["iss"], claims["sub"]) = (json!(name), json!(subject));
    let source = source_with_assertion::<S>(&issuer, &clock, &jwt::signed(&cluster, &claims));
    assert!(source.token().is_ok());
    assert!(source.refresh().is_ok());
    assert_eq!(issuer.token_requests(), 2);
}

pub(super) fn wrong_key_is_a_permanent_error_with_advice<S: Subject>() {
    let (clock, key) = (Clock::new(), jwt::P256.key());
    let other = registered(&jwt::new_key().with_key_id(key.key_id()));
    let issuer = TokenEndpoint::new::<S>(other, &clock);
    let auth = ClientAuth::PrivateKeyJwt(key.assertion());
    let source = issuer
        .source(auth)
        .signer(key)
        .build(SubjectTransport(S::new()));
    let error = error_response(&source, "signature does not fit the client's key");
    assert!(error.hint().unwrap().contains("public key is registered"));
    assert_eq!(issuer.token_requests(), 1);
}

pub(super) fn expired_assertion_is_rejected_by_the_source_or_the_server<S: Subject>() {
    let (clock, key) = (Clock::new(), jwt::P256.key());
    let issuer = TokenEndpoint::new::<S>(registered(&key), &clock);
    let assertion = jwt::signed(
        &key,
        &jwt::claims(&issuer.token_url(), clock.now().wall, -90),
    );
    // The source reads the clock of this machine, and sends no request.
    let error = source_with_assertion::<S>(&issuer, &clock, &assertion)
        .token_within(Duration::from_secs(1))
        .unwrap_err();
    watch().assert_no_secret_in_error(&error);
    assert!(matches!(error, TokenError::Credential(_)), "{error}");
    assert!(error.to_string().contains("expired 9"), "{error}");
    assert_eq!(issuer.token_requests(), 0);

    let callback = AssertionCallback::new(move |_| Ok(Secret::new(assertion.as_str())));
    let unaware = callback.clock(|| Duration::ZERO);
    let source = issuer.source(ClientAuth::Assertion);
    let source = source
        .assertion_source(unaware)
        .build(SubjectTransport(S::new()));
    let error = error_response(&source, "assertion has expired");
    assert!(error.hint().unwrap().contains("the assertion is old"));
}

pub(super) fn assertion_used_twice_is_rejected<S: Subject>() {
    let (clock, key) = (Clock::new(), jwt::P256.key());
    let issuer = TokenEndpoint::new::<S>(registered(&key), &clock);
    let claims = jwt::claims(&issuer.token_url(), clock.now().wall, 60);
    let assertion = jwt::signed(&key, &claims);
    assert!(
        source_with_assertion::<S>(&issuer, &clock, &assertion)
            .token()
            .is_ok()
    );
    let error = error_response(
        &source_with_assertion::<S>(&issuer, &clock, &assertion),
        "used before",
    );
    assert!(error.hint().unwrap().contains("only once"));
}

// fault: clock-of-the-client-is-off
pub(super) fn wrong_clock_is_reported_by_the_error_and_its_hint<S: Subject>() {
    for (ahead, part) in [(300, "300 s behind"), (-300, "300 s ahead")] {
        let (clock, key) = (Clock::new(), jwt::P256.key());
        let issuer = TokenEndpoint::new::<S>(registered(&key), &clock);
        issuer.set_clock_ahead(ahead);
        let auth = ClientAuth::PrivateKeyJwt(key.assertion());
        let source = issuer
            .source(auth)
            .signer(key)
            .build(SubjectTransport(S::new()));
        let error = error_response(&source, &format!("the client's clock is off, {part}"));
        let hint = error.hint().unwrap();
        assert!(hint.contains("the clock of this machine is off"), "{hint}");
    }
}

fn registered(key: &PrivateKey) -> Client {
    let client = Client::without_secret(ID);
    client.public_key(&key.public_jwk()).unwrap()
}

/// Returns a source that sends the same assertion each time.
fn source_with_assertion<S: Subject>(
    issuer: &TokenEndpoint,
    clock: &Clock,
    assertion: &str,
) -> TokenSource<Clock> {
    let (assertion, clock) = (assertion.to_owned(), clock.clone());
    let callback = AssertionCallback::new(move |_| Ok(Secret::new(assertion.as_str())));
    let callback = callback.clock(move || clock.now().wall);
    let source = issuer.source(ClientAuth::Assertion);
    source
        .assertion_source(callback)
        .build(SubjectTransport(S::new()))
}

/// Returns the error response of the server, whose description contains this text.
#[track_caller]
fn error_response(source: &TokenSource<Clock>, part: &str) -> TokenError {
    let error = source.token().unwrap_err();
    watch().assert_no_secret_in_error(&error);
    assert_eq!(error.status().unwrap(), 401, "{error}");
    assert_eq!(error.code(), Some("invalid_client"));
    assert_eq!(error.culprit(), Culprit::Config);
    assert!(!error.is_transient());
    assert!(error.description().unwrap().contains(part), "{error}");
    error
}
