//! What a protected API's answer says of the token that was sent with the request.

use http::{Response, StatusCode, Uri};

use crate::config::endpoint;

/// Whether the API refused the token, so that a new one may help: 401 (RFC 6750 §3.1), or, as
/// Experience Edge may say it, 403 with a body that says that the token has expired.
///
/// ```
/// use edge_oauth_no_io::token_rejected;
///
/// let expired = http::Response::builder().status(403).body("Token has expired").unwrap();
/// assert!(token_rejected(&expired));
/// let forbidden = http::Response::builder().status(403).body("Not your tenant").unwrap();
/// assert!(!token_rejected(&forbidden));
/// ```
pub fn token_rejected(response: &Response<impl AsRef<[u8]>>) -> bool {
    match response.status() {
        StatusCode::UNAUTHORIZED => true,
        StatusCode::FORBIDDEN => {
            let body = response.body().as_ref();
            body.windows(EXPIRED.len())
                .any(|part| part.eq_ignore_ascii_case(EXPIRED))
        }
        _ => false,
    }
}

/// Whether a token may be sent to this URL: `https`, or the loopback (RFC 6750 §5.3).
///
/// ```
/// use edge_oauth_no_io::may_carry_token;
///
/// assert!(may_carry_token(&"https://edge.sitecorecloud.io/api".parse().unwrap()));
/// assert!(may_carry_token(&"http://127.0.0.1:8080/api".parse().unwrap()));
/// assert!(!may_carry_token(&"http://edge.sitecorecloud.io/api".parse().unwrap()));
/// ```
pub fn may_carry_token(uri: &Uri) -> bool {
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => endpoint::is_loopback(host),
        _ => false,
    }
}

const EXPIRED: &[u8] = b"token has expired";
