//! The advice on error responses to requests that carried an assertion.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use edge_oauth_no_io::{
    BodyFormat, ClientAuth, Config, Culprit, Grant, GrantAssertion, Secret, TokenError,
    token_response,
};
use http::Response;

use common::attempt::{config, jwt, token_exchange};

fn read(config: &Config, status: u16, code: &str, description: &str) -> TokenError {
    let body = format!(r#"{{"error":"{code}","error_description":"{description}"}}"#);
    let response = Response::builder().status(status).body(body).unwrap();
    token_response(config, &response).unwrap_err()
}

fn by(auth: ClientAuth) -> Config {
    config(auth, Grant::default(), BodyFormat::Form)
}

/// The words of servers about an assertion that has expired or is not valid yet.
const ABOUT_TIME: [&str; 9] = [
    "The assertion has expired: the client's clock is off, 300 s behind this server's",
    "AADSTS700024: Client assertion is not within its valid time range. Current time: 2026-11-27T04:00:00Z",
    "Client authentication with signed JWT failed: Token is not active",
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp \
     values in the JWT claim.",
    "The client_assertion token is expired.",
    "The issued at claim is in the FUTURE",
    "'nbf' check failed",
    "jwt not yet valid",
    "JWT too old",
];

// fault: clock-of-the-client-is-off
#[test]
fn words_about_the_time_of_an_assertion_get_advice_on_the_clock() {
    let methods = [
        ClientAuth::PrivateKeyJwt(jwt()),
        ClientAuth::ClientSecretJwt(jwt()),
        ClientAuth::Assertion,
    ];
    for auth in methods {
        for description in ABOUT_TIME {
            for (status, code) in [(401, "invalid_client"), (400, "invalid_client"), (401, "x")] {
                let error = read(&by(auth.clone()), status, code, description);
                let hint = error.hint().unwrap();
                assert!(hint.contains("clock of this machine is off"), "{hint}");
                assert_eq!(error.culprit(), Culprit::Config);
            }
        }
    }
    for grant in [
        Grant::JwtBearer(GrantAssertion::Jwt(jwt())),
        Grant::JwtBearer(GrantAssertion::External),
        token_exchange(),
    ] {
        let config = config(ClientAuth::None, grant, BodyFormat::Form);
        for description in ABOUT_TIME {
            let error = read(&config, 400, "invalid_grant", description);
            assert!(error.hint().unwrap().contains("clock"), "{description}");
            let error = read(&config, 400, "invalid_scope", description);
            assert!(!error.hint().unwrap().contains("clock"), "{description}");
        }
    }
}

#[test]
fn other_methods_get_no_advice_on_an_assertion() {
    let secret = || ClientAuth::ClientSecretPost(Secret::new("s3cret"));
    for auth in [secret(), ClientAuth::None, ClientAuth::TlsClientAuth] {
        let error = read(
            &by(auth),
            401,
            "invalid_client",
            "the client secret has expired",
        );
        let hint = error.hint().unwrap();
        assert!(
            !hint.contains("assertion") && !hint.contains("clock"),
            "{hint}"
        );
    }
}
