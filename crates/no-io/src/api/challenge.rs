//! The meaning of a protected API's response for the token that was sent (RFC 6750 §3).

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value};

use crate::api::www_authenticate::Challenges;
use crate::provider::provider::Provider;

/// The verdict of a response on the access token of its request.
///
/// ```
/// use edge_oauth_no_io::{Challenge, Provider, challenge};
///
/// let response = http::Response::builder()
///     .status(403)
///     .header("www-authenticate", r#"Bearer error="insufficient_scope""#)
///     .body("")
///     .unwrap();
/// assert_eq!(challenge(&response, &Provider::standard()), Challenge::InsufficientScope);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Challenge {
    /// Nothing: the response is not about the token.
    None,
    /// The token is expired, revoked or malformed (RFC 6750 §3.1 `invalid_token`): a new one may help.
    InvalidToken,
    /// The token is valid and does not permit this request (RFC 6750 §3.1 `insufficient_scope`): a new one has the same
    /// scope.
    InsufficientScope,
    /// The response asks for something else, such as another authentication scheme or a password.
    Other,
}

/// Returns what a response says about the token of its request.
///
/// | status | `WWW-Authenticate` | body | result |
/// |---|---|---|---|
/// | 401 | none | empty, not JSON, or JSON about authentication | `InvalidToken` |
/// | 401 | none | JSON whose words are about something else | `Other` |
/// | 401 | `Bearer` without `error` | any | `InvalidToken` |
/// | 400, 401, 403 | `Bearer error="invalid_token"` | any | `InvalidToken` |
/// | 401, 403 | `Bearer error="insufficient_scope"` | any | `InsufficientScope` |
/// | 401 | other schemes or other errors only | any | `Other` |
/// | 403 | no `Bearer error` | the provider's text for an expired token, as the whole body or one whole JSON member | `InvalidToken` |
/// | 200 of a gRPC service | | any; the header has `grpc-status: 16` (`UNAUTHENTICATED`) | `InvalidToken` |
/// | any other | | | `None` |
///
/// ```
/// use edge_oauth_no_io::{Challenge, Provider, challenge};
///
/// let response = http::Response::builder()
///     .status(401)
///     .header("www-authenticate", r#"Bearer realm="api", error="invalid_token""#)
///     .body("")
///     .unwrap();
/// assert_eq!(challenge(&response, &Provider::standard()), Challenge::InvalidToken);
/// ```
pub fn challenge(response: &Response<impl AsRef<[u8]>>, provider: &Provider) -> Challenge {
    let (status, headers) = (response.status(), response.headers());
    match challenge_by_head(status, headers) {
        Some(challenge) => challenge,
        None => from_body(status, response.body().as_ref(), provider),
    }
}

/// Returns whether [`challenge`] has to see the body, for callers that read it as it arrives: status and headers alone
/// do not tell.
///
/// ```
/// use edge_oauth_no_io::{Provider, challenge_needs_body};
///
/// let response = http::Response::builder().status(403).body(()).unwrap();
/// assert!(challenge_needs_body(response.status(), response.headers(), &Provider::experience_edge()));
/// assert!(!challenge_needs_body(response.status(), response.headers(), &Provider::standard()));
/// ```
pub fn challenge_needs_body(status: StatusCode, headers: &HeaderMap, provider: &Provider) -> bool {
    challenge_by_head(status, headers).is_none()
        && (status == StatusCode::UNAUTHORIZED || provider.has_expired_texts())
}

/// The part of a body that [`challenge`] looks at, in bytes: a longer body is not about a token.
pub const CHALLENGE_BODY_LIMIT: usize = 64 * 1024;

/// The longest time that a middleware waits for a body that [`challenge`] has to see. A body that has not arrived by then
/// rejects no token: the response goes to the caller with the rest of its body still to come.
pub const CHALLENGE_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// Returns what [`challenge`] does if status and headers decide it, as they do for every response that is no error: a
/// middleware then needs neither the body nor the provider.
///
/// ```
/// use edge_oauth_no_io::{Challenge, challenge_by_head};
///
/// let response = http::Response::builder().status(200).body(()).unwrap();
/// assert_eq!(challenge_by_head(response.status(), response.headers()), Some(Challenge::None));
/// ```
pub fn challenge_by_head(status: StatusCode, headers: &HeaderMap) -> Option<Challenge> {
    if !matches!(status.as_u16(), 400 | 401 | 403) {
        let is_rejected = status == StatusCode::OK && is_unauthenticated_call(headers);
        return Some(match is_rejected {
            true => Challenge::InvalidToken,
            false => Challenge::None,
        });
    }
    let mut values = headers.get_all(header::WWW_AUTHENTICATE).iter().peekable();
    let is_absent = values.peek().is_none();
    let mut found = None;
    for value in values {
        // A quoted realm or description may have other letters than those of ASCII (RFC 9110 §5.6.4).
        for error in Challenges::new(&String::from_utf8_lossy(value.as_bytes())) {
            let challenge = match error.as_deref() {
                Some("invalid_token") => return Some(Challenge::InvalidToken),
                Some("insufficient_scope") => Challenge::InsufficientScope,
                Some(_) => Challenge::Other,
                None if status == StatusCode::UNAUTHORIZED => return Some(Challenge::InvalidToken),
                None => continue,
            };
            found = found.or(Some(challenge));
        }
    }
    match (status.as_u16(), found) {
        (401 | 403, Some(challenge)) => Some(challenge),
        (401, None) if !is_absent => Some(Challenge::Other),
        (400, _) => Some(Challenge::None),
        _ => None,
    }
}

/// Returns whether a gRPC service rejected the call before it had any result: then the status is in the header and not
/// in the trailers ("Trailers-Only" of the gRPC protocol over HTTP/2). It has the numbers of `google.rpc.Code`.
fn is_unauthenticated_call(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    kind.is_some_and(|kind| kind.starts_with(b"application/grpc"))
        && headers.get("grpc-status").is_some_and(|code| code == "16")
}

fn from_body(status: StatusCode, body: &[u8], provider: &Provider) -> Challenge {
    let body = match body.len() <= CHALLENGE_BODY_LIMIT {
        true => body,
        false => b"",
    };
    let object = || serde_json::from_slice::<Map<String, Value>>(body).ok();
    if status == StatusCode::UNAUTHORIZED {
        let is_other = object().is_some_and(|object| is_about_something_else(&object));
        return match is_other {
            true => Challenge::Other,
            false => Challenge::InvalidToken,
        };
    }
    let whole =
        std::str::from_utf8(body).is_ok_and(|text| provider.says_expired(text.trim_matches('"')));
    let says_expired = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| provider.says_expired(text))
    };
    let member = || object().is_some_and(|object| object.values().any(says_expired));
    match provider.has_expired_texts() && (whole || member()) {
        true => Challenge::InvalidToken,
        false => Challenge::None,
    }
}

/// Returns whether the words of an error are known and none of them is about authentication.
fn is_about_something_else(object: &Map<String, Value>) -> bool {
    let words = object
        .iter()
        .filter(|(name, _)| {
            !matches!(
                name.to_ascii_lowercase().as_str(),
                "path" | "instance" | "type" | "url"
            )
        })
        .filter_map(|(_, value)| value.as_str())
        .map(str::to_ascii_lowercase);
    let mut words = words.peekable();
    let about = |text: &String| ABOUT_AUTHENTICATION.iter().any(|word| text.contains(word));
    words.peek().is_some() && !words.any(|text| about(&text))
}

/// Parts of words by which a 401 without a challenge is taken for one about the token.
const ABOUT_AUTHENTICATION: [&str; 9] = [
    "token",
    "unauthori",
    "auth",
    "expired",
    "jwt",
    "bearer",
    "credential",
    "access denied",
    "401",
];
