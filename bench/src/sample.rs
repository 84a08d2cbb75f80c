//! The client and the responses of every measurement.

use std::sync::OnceLock;

use edge_oauth_no_io::{Config, Secret};

pub(crate) const ID: &str = "3fAh0mcbWUbqvOS4Bf0aLpGTTzwmBuHd";
pub(crate) const SECRET: &str = "Zo5_U2v9-qkBq0Wm6mJm1vZkT8oSg3wXrYp4dNcLh7eRiUaQfKxEtMbJyPsVnC2D";
pub(crate) const AUDIENCE: &str = "https://api.sitecorecloud.io";
pub(crate) const ENDPOINT: &str = "https://auth.sitecorecloud.io/oauth/token";

/// Returns a text with the length and the characters of an RS256 JWT of Experience Edge.
pub(crate) fn token() -> &'static str {
    static TOKEN: OnceLock<String> = OnceLock::new();
    TOKEN.get_or_init(|| {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut state = 1u64;
        let mut part = |length| -> String {
            let letter = |_| {
                state = state
                    .wrapping_mul(6364136223846793005)
                    .wrapping_add(1442695040888963407);
                alphabet[(state >> 58) as usize] as char
            };
            (0..length).map(letter).collect()
        };
        [part(86), part(560), part(342)].join(".")
    })
}

/// Returns a token response of 1.1 KB.
pub(crate) fn response() -> &'static str {
    static RESPONSE: OnceLock<String> = OnceLock::new();
    RESPONSE.get_or_init(|| {
        format!(
            r#"{{"access_token":"{}","scope":"edge.content:clearall edge.tokens:create","expires_in":86400,"token_type":"Bearer"}}"#,
            token()
        )
    })
}

/// Auth0's error response for a wrong secret.
pub(crate) const WRONG_SECRET: &str =
    r#"{"error":"access_denied","error_description":"Unauthorized"}"#;

/// Auth0's error response for a client without a grant. Its text is longer than the secret.
pub(crate) const NO_GRANT: &str = r#"{"error":"access_denied","error_description":"Client is not authorized to access resource server https://api.sitecorecloud.io. Create a client grant first."}"#;

pub(crate) fn config(endpoint: &str) -> Config {
    Config::builder(endpoint, ID)
        .client_secret(Secret::new(SECRET))
        .audience(AUDIENCE)
        .build()
        .expect("the sample is valid")
}
