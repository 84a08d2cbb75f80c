//! The check of the access token, which precedes every request to a protected API.

use std::time::Duration;

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use crate::api::error::ApiError;
use crate::http::response;
use crate::oauth::issuer::Issuer;
use crate::oauth::jwt;
use crate::options::options::Expired;

/// A reason to reject a request.
pub(crate) enum TokenError {
    MissingToken,
    InvalidRequest,
    InvalidToken,
    ExpiredToken(Expired),
}

/// The permissions of an accepted token.
pub(crate) struct VerifiedToken {
    scope: Option<String>,
    client_id: String,
}

/// Accepts a request with a token of this issuer that has not expired.
pub(crate) fn verify(
    issuer: &Issuer,
    expired: Expired,
    headers: &HeaderMap,
    now: Duration,
) -> Result<VerifiedToken, TokenError> {
    let claims = jwt::verify(&issuer.key, token(headers)?).ok_or(TokenError::InvalidToken)?;
    if text(&claims, "iss") != Some(&issuer.url()) {
        return Err(TokenError::InvalidToken);
    }
    if !text(&claims, "aud").is_some_and(|audience| issuer.knows_audience(audience)) {
        return Err(TokenError::InvalidToken);
    }
    match claims.get("exp").and_then(Value::as_u64) {
        // A token is expired from the second of its `exp` on (RFC 7519 §4.1.4).
        Some(exp) if now.as_secs() >= exp => Err(TokenError::ExpiredToken(expired)),
        Some(_) => Ok(VerifiedToken {
            scope: text(&claims, "scope").map(str::to_owned),
            client_id: text(&claims, "azp").unwrap_or_default().to_owned(),
        }),
        None => Err(TokenError::InvalidToken),
    }
}

impl VerifiedToken {
    /// Rejects a token that has scopes but not this one. The real service does not document how it treats a token
    /// without scopes: here it has every permission.
    pub(crate) fn require_scope(&self, scope: &'static str) -> Result<(), ApiError> {
        match self.has_scope(scope) {
            true => Ok(()),
            false => Err(ApiError::MissingScope(scope)),
        }
    }

    /// Returns whether the token has this scope, or no scopes at all.
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        // `scope` is a list, separated by spaces (RFC 6749 §3.3).
        let scopes = self.scope.as_ref();
        scopes.is_none_or(|scopes| scopes.split(' ').any(|one| one == scope))
    }

    /// Returns the client that the token was issued to.
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }
}

impl TokenError {
    pub(crate) fn to_response(&self) -> Response<Vec<u8>> {
        let (status, challenge, message) = match self {
            // A request without a token gets no error code (RFC 6750 §3.1).
            Self::MissingToken => (StatusCode::UNAUTHORIZED, NO_CODE, "Unauthorized"),
            Self::InvalidRequest => (
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

/// The token follows the scheme, whose case does not matter (RFC 6750 §2.1).
fn token(headers: &HeaderMap) -> Result<&str, TokenError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(TokenError::MissingToken)?;
    if values.next().is_some() {
        return Err(TokenError::InvalidRequest);
    }
    let value = value.to_str().map_err(|_| TokenError::InvalidToken)?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ if value.eq_ignore_ascii_case("bearer") => Err(TokenError::InvalidToken),
        _ => Err(TokenError::MissingToken),
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

const NO_CODE: &str = "Bearer realm=\"local\"";
const INVALID_REQUEST: &str = "Bearer realm=\"local\", error=\"invalid_request\"";
const INVALID_TOKEN: &str = "Bearer realm=\"local\", error=\"invalid_token\"";
const EXPIRED: &str = "Token has expired";
