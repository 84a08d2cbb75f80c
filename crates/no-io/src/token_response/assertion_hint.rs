//! Advice on an error response to a request that carried an assertion.

use http::StatusCode;

use crate::client_auth::method::ClientAuth;
use crate::config::config::Config;
use crate::grant::Grant;

/// Returns the advice if the error is about an assertion; `None` if it is about something else. It takes the place of
/// advice about a client secret, which such a client does not send.
///
/// RFC 7521 §4.1.1 and §4.2.1: an assertion that is not accepted is `invalid_client`, or `invalid_grant` if it is the
/// grant. The reason is in the description, in words of the server's own.
pub(crate) fn hint(
    config: &Config,
    status: StatusCode,
    code: Option<&str>,
    description: Option<&str>,
) -> Option<&'static str> {
    let by_method = match config.client_auth() {
        ClientAuth::PrivateKeyJwt(_) => Some(PRIVATE_KEY),
        ClientAuth::ClientSecretJwt(_) => Some(CLIENT_SECRET),
        ClientAuth::Assertion => Some(ELSEWHERE),
        _ => None,
    };
    let is_about_client = status == StatusCode::UNAUTHORIZED || code == Some("invalid_client");
    let by_method = by_method.filter(|_| is_about_client);
    let is_grant = code == Some("invalid_grant")
        && matches!(
            config.grant(),
            Grant::JwtBearer(_) | Grant::TokenExchange { .. }
        );
    match description.is_some_and(is_about_time) {
        true if is_grant || by_method.is_some() => Some(CLOCK),
        _ => by_method,
    }
}

/// Returns whether a description is about the times of a JWT, in the words of servers such as Auth0, Entra, Google,
/// Keycloak and Okta.
fn is_about_time(description: &str) -> bool {
    let description = description.to_lowercase();
    let mut words = description.split(|c: char| !c.is_alphanumeric());
    words.any(|word| WORDS.contains(&word))
        || PHRASES.iter().any(|phrase| description.contains(phrase))
}

const WORDS: [&str; 9] = [
    "clock",
    "exp",
    "expiration",
    "expired",
    "expiry",
    "future",
    "iat",
    "nbf",
    "timeframe",
];
const PHRASES: [&str; 4] = ["not active", "not yet valid", "time range", "too old"];

const CLOCK: &str = "the clock of this machine is off, or the assertion is old: synchronize the clock, and check \
     that a platform that makes the assertion renews it";
const PRIVATE_KEY: &str = "the server does not accept the assertion: check that the public key is registered for \
     this client id, and that the key id, the algorithm and the audience are those that the server expects";
const CLIENT_SECRET: &str = "the server does not accept the assertion: check the client id and the client secret, \
     and that this client may use client_secret_jwt";
const ELSEWHERE: &str = "the server does not accept the assertion: check that its issuer, its subject and its \
     audience are registered for this client id, and that it is not used a second time if the server forbids that";
