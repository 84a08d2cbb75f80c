//! Advice on an error response, by the method of client authentication.

use edge_oauth_no_io::TokenError;

/// Returns the advice if the core's hint, which is about secrets, does not fit. `method` is the registered name, if it
/// is known.
pub(crate) fn advice(method: Option<&str>, error: &TokenError) -> Option<&'static str> {
    match (subject(error)?, method) {
        (Subject::Grant, _) if names_assertion(error) => Some(GRANT),
        (Subject::Grant, _) => None,
        (Subject::Client, Some("private_key_jwt" | "client_secret_jwt")) => Some(ASSERTION),
        (Subject::Client, Some("tls_client_auth")) => Some(CERTIFICATE),
        (Subject::Client, Some("none")) => Some(NONE),
        (Subject::Client, Some(_)) => None,
        (Subject::Client, None) => names_assertion(error).then_some(ASSERTION),
    }
}

/// Returns the reasons for which servers reject an assertion, if that is what this error may be about.
pub(crate) fn reasons(
    method: Option<&str>,
    error: &TokenError,
) -> &'static [(&'static str, &'static str)] {
    match advice(method, error) {
        Some(ASSERTION | GRANT) => &REASONS,
        _ => &[],
    }
}

/// The part of the request that the server rejects.
enum Subject {
    Client,
    Grant,
}

fn subject(error: &TokenError) -> Option<Subject> {
    match (error.code(), error.status()?.as_u16()) {
        (Some("invalid_grant"), _) => Some(Subject::Grant),
        (Some("invalid_client"), _) | (None, 401) => Some(Subject::Client),
        _ => None,
    }
}

/// Returns whether the server's words are about an assertion.
fn names_assertion(error: &TokenError) -> bool {
    let text = error.description().unwrap_or_default().to_ascii_lowercase();
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| WORDS.iter().any(|start| word.starts_with(start)))
}

const WORDS: [&str; 6] = ["assertion", "jwt", "jwk", "jti", "kid", "signature"];

const REASONS: [(&str, &str); 6] = [
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

const ASSERTION: &str = "the server does not accept the client's assertion: check this machine's clock, the audience \
     (--assertion-audience; some servers want their issuer), the expiry, and that the server knows the key under this \
     key id (--key-id)";
const CERTIFICATE: &str = "the server does not accept the client certificate for this client id: check which \
     certificate is registered, and that no proxy on the way ends TLS";
const NONE: &str = "the server wants this client to authenticate: --client-secret-file, --key-file, \
     --client-assertion-file or --client-cert";
const GRANT: &str = "the server does not accept the assertion of the grant: check this machine's clock, the audience \
     (--assertion-audience), the subject (--assertion-subject), the expiry and the key";
