//! Advice on an error response, by the method of client authentication.

use edge_oauth_no_io::TokenError;

/// Returns the advice for a method without a secret of its own in the request; `None` if the core's hint fits.
pub(crate) fn advice(method: &str, error: &TokenError) -> Option<&'static str> {
    let code = error.code();
    let is_of_client = code == Some("invalid_client")
        || code.is_none() && error.status().is_some_and(|status| status == 401);
    match (method, is_of_client) {
        ("private_key_jwt" | "client_secret_jwt", true) => Some(ASSERTION),
        ("tls_client_auth", true) => Some(CERTIFICATE),
        ("none", true) => Some(NONE),
        _ => None,
    }
}

const ASSERTION: &str = "the server does not accept the client's assertion: check this machine's clock, the audience \
     (--assertion-audience; some servers want their issuer), the expiry, and that the server knows the key under this \
     key id (--key-id); edge-oauth doctor checks each";
const CERTIFICATE: &str = "the server does not accept the client certificate for this client id: check which \
     certificate is registered, and that no proxy on the way ends TLS";
const NONE: &str = "the server wants this client to authenticate: use --client-secret-file, --key-file, \
     --client-assertion-file or --client-cert";
