//! Advice on an error response, by the method of client authentication.

use edge_oauth_no_io::TokenError;

/// Returns the advice for a method whose credential is not in the request; `None` if the core's hint fits. `method` is
/// the registered name.
pub(crate) fn advice(method: &str, error: &TokenError) -> Option<&'static str> {
    // The hint names a method of the library, and a user of the program needs the option.
    let names_library = error
        .hint()
        .is_some_and(|hint| hint.contains("JwtAssertion"));
    match method {
        "tls_client_auth" if is_about_client(error) => Some(CERTIFICATE),
        "none" if is_about_client(error) => Some(NONE),
        "client_secret_jwt" if names_library => Some(SECRET_JWT),
        "private_key_jwt" if names_library => Some(KEY_JWT),
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
        "set this machine's clock, best by NTP: an assertion is valid for about a minute",
    ),
    (
        "aud",
        "use --assertion-audience: the default is the token endpoint, and some servers require their issuer",
    ),
    (
        "exp",
        "check that the platform renews the assertion before it expires, in its file or variable",
    ),
    (
        "iss, sub",
        "register the platform's issuer and subject with the server for this client; without a platform both are the client id",
    ),
    (
        "kid, alg",
        "register the public key with the server by this key id and algorithm, or set --key-id and --alg",
    ),
    (
        "jti",
        "use a new assertion for each request: many servers accept an assertion once",
    ),
];

const CERTIFICATE: &str = "check that this certificate is registered for the client id, and that no proxy on the way ends TLS: the server rejects the client certificate";
const SECRET_JWT: &str = "check the client id, the client secret that signs, the audience (some servers want their issuer: use --assertion-audience), and the machine's clock: the server does not accept the signed assertion";
const KEY_JWT: &str = "check the client id, that the public key is registered for this client with its key id and algorithm, the audience (some servers want their issuer: use --assertion-audience), and the machine's clock: the server does not accept the signed assertion";
const NONE: &str = "use --client-secret-file, --key-file, --client-assertion-file or --client-cert: the server requires this client to authenticate";
