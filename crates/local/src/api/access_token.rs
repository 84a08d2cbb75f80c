//! The check of the access token that every protected API makes first.

use std::time::Duration;

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::api::error::Problem;
use crate::http::response;
use crate::oauth::issuer::Realm;
use crate::oauth::jwt;
use crate::options::options::Expired;

/// Why a request is not let in.
pub(crate) enum Denial {
    NoToken,
    Malformed,
    InvalidToken,
    ExpiredToken(Expired),
}

/// What a token that was let in may do.
pub(crate) struct Bearer {
    scope: Option<String>,
}

/// Lets a request in whose token this realm issued and which has not expired.
pub(crate) fn check(
    realm: &Realm,
    expired: Expired,
    headers: &HeaderMap,
    now: Duration,
) -> Result<Bearer, Denial> {
    let claims = jwt::verify(&realm.key, token(headers)?).ok_or(Denial::InvalidToken)?;
    if text(&claims, "iss") != Some(&realm.issuer()) {
        return Err(Denial::InvalidToken);
    }
    if !text(&claims, "aud").is_some_and(|audience| realm.knows_audience(audience)) {
        return Err(Denial::InvalidToken);
    }
    match claims.get("exp").and_then(Value::as_u64) {
        // RFC 7519 §4.1.4: the token is dead on its second of expiry, not after it.
        Some(exp) if now.as_secs() >= exp => Err(Denial::ExpiredToken(expired)),
        Some(_) => Ok(Bearer {
            scope: text(&claims, "scope").map(str::to_owned),
        }),
        None => Err(Denial::InvalidToken),
    }
}

impl Bearer {
    /// Refuses a token that has scopes, and not this one. What the real service makes of a token
    /// without any is not documented: here it may do everything.
    pub(crate) fn require(&self, scope: &'static str) -> Result<(), Problem> {
        match &self.scope {
            // RFC 6749 §3.3: the value is a list, separated by spaces.
            Some(held) if held.split(' ').all(|held| held != scope) => {
                Err(Problem::MissingScope(scope))
            }
            _ => Ok(()),
        }
    }
}

impl Denial {
    pub(crate) fn response(&self) -> Response<Vec<u8>> {
        let (status, challenge, message) = match self {
            // RFC 6750 §3.1: who sent no token is told no error code.
            Self::NoToken => (StatusCode::UNAUTHORIZED, BARE, "Unauthorized"),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                INVALID_REQUEST,
                "More than one Authorization header",
            ),
            Self::InvalidToken => (StatusCode::UNAUTHORIZED, INVALID_TOKEN, "Invalid token"),
            Self::ExpiredToken(Expired::Unauthorized) => {
                (StatusCode::UNAUTHORIZED, INVALID_TOKEN, EXPIRED)
            }
            Self::ExpiredToken(Expired::Forbidden) => {
                return response::json(StatusCode::FORBIDDEN, &json!({ "message": EXPIRED }));
            }
        };
        let mut response = response::json(status, &json!({ "message": message }));
        let challenge = HeaderValue::from_static(challenge);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        response
    }
}

/// RFC 6750 §2.1: the token follows the scheme, which is compared without case.
fn token(headers: &HeaderMap) -> Result<&str, Denial> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Denial::NoToken)?;
    if values.next().is_some() {
        return Err(Denial::Malformed);
    }
    let value = value.to_str().map_err(|_| Denial::InvalidToken)?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ if value.eq_ignore_ascii_case("bearer") => Err(Denial::InvalidToken),
        _ => Err(Denial::NoToken),
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

const BARE: &str = "Bearer realm=\"local\"";
const INVALID_REQUEST: &str = "Bearer realm=\"local\", error=\"invalid_request\"";
const INVALID_TOKEN: &str = "Bearer realm=\"local\", error=\"invalid_token\"";
const EXPIRED: &str = "Token has expired";
