//! Advice on an error response about the times of an assertion.

use http::StatusCode;

use crate::client_auth::method::ClientAuth;
use crate::config::config::Config;
use crate::grant::Grant;

/// Returns the advice if the error is about the times of an assertion that the request carried.
///
/// RFC 7521 §4.1.1 and §4.2.1: an assertion that is not accepted is `invalid_client`, or `invalid_grant` if it is the
/// grant. The reason is in the description, in words of the server's own.
pub(crate) fn hint(
    config: &Config,
    status: StatusCode,
    code: Option<&str>,
    description: Option<&str>,
) -> Option<&'static str> {
    let is_client = (status == StatusCode::UNAUTHORIZED || code == Some("invalid_client"))
        && matches!(
            config.client_auth(),
            ClientAuth::PrivateKeyJwt(_) | ClientAuth::ClientSecretJwt(_) | ClientAuth::Assertion
        );
    let is_grant = code == Some("invalid_grant")
        && matches!(
            config.grant(),
            Grant::JwtBearer(_) | Grant::TokenExchange { .. }
        );
    let is_about_time = (is_client || is_grant) && description.is_some_and(is_about_time);
    is_about_time.then_some(CLOCK)
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
