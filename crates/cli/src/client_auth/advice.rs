//! Advice on an error response, by the method of client authentication.

use edge_oauth_no_io::TokenError;

/// Returns the advice for a method whose credential is not in the request; `None` if the core's hint fits. `method` is
/// the registered name.
pub(crate) fn advice(method: &str, error: &TokenError) -> Option<&'static str> {
    match (method, is_about_client(error)) {
        ("tls_client_auth", true) => Some(CERTIFICATE),
        ("none", true) => Some(NONE),
        _ => None,
    }
}

/// Returns whether the server rejects the client.
pub(crate) fn is_about_client(error: &TokenError) -> bool {
    match (error.code(), error.status()) {
        (Some(code), _) => code == "invalid_client",
        (None, status) => status.is_some_and(|status| status == 401),
    }
}

/// Returns whether the server rejects an assertion, by its own words.
pub(crate) fn is_about_assertion(error: &TokenError) -> bool {
    let text = error.description().unwrap_or_default().to_ascii_lowercase();
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let is_named = words.any(|word| WORDS.iter().any(|start| word.starts_with(start)));
    is_named && (is_about_client(error) || error.code() == Some("invalid_grant"))
}

const WORDS: [&str; 6] = ["assertion", "jwt", "jwk", "jti", "kid", "signature"];

/// The parts of an assertion that servers check, and what is to be done about each.
pub(crate) const REASONS: [(&str, &str); 6] = [
    (
        "clock",
        "an assertion is valid for about a minute: set this machine's clock, best by NTP",
    ),
    (
        "aud",
        "it is the token endpoint by default, and some servers want their issuer: --assertion-audience",
    ),
    (
        "exp",
        "an assertion in a file or a variable expires: the platform has to renew it in time",
    ),
    (
        "iss, sub",
        "both are the client id; a platform's own are to be registered with the server for this client",
    ),
    (
        "kid, alg",
        "the server has to know the public key by this key id and algorithm: --key-id, --alg, or register the key again",
    ),
    (
        "jti",
        "many servers accept an assertion once: the next request needs another",
    ),
];

const CERTIFICATE: &str = "the server does not accept the client certificate for this client id: check which \
     certificate is registered, and that no proxy on the way ends TLS";
const NONE: &str = "the server wants this client to authenticate: --client-secret-file, --key-file, \
     --client-assertion-file or --client-cert";
