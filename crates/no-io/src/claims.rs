//! The claims of a JWT, for people to look at: unverified, and never used in a decision.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The header and the claims of a JWT (RFC 7519), unverified.
///
/// The signature is not checked, so anybody could have written them. A program that has to trust a token
/// verifies it with a JWT library.
///
/// ```
/// use edge_oauth_no_io::Claims;
///
/// let claims = Claims::read("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJteUBjbGllbnRzIiwiZXhwIjo5MDB9.c2ln").unwrap();
/// assert_eq!(claims.get("sub").as_deref(), Some("my@clients"));
/// assert_eq!(claims.get("exp").as_deref(), Some("900"));
/// assert_eq!(claims.expires_at().unwrap().as_secs(), 900);
/// assert_eq!(claims.header("alg").as_deref(), Some("RS256"));
/// assert!(Claims::read("an-opaque-token").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    header: Map<String, Value>,
    payload: Map<String, Value>,
}

impl Claims {
    /// Reads a JWT in compact form (RFC 7515 §3.1). Returns `None` if the text is not one.
    pub fn read(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        Some(Self {
            header: object(header)?,
            payload: object(payload)?,
        })
    }

    /// Returns a claim as text: a text claim as it is, any other as compact JSON.
    pub fn get(&self, name: &str) -> Option<String> {
        self.payload.get(name).map(text)
    }

    /// Returns all claims, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, String)> {
        self.payload
            .iter()
            .map(|(name, value)| (name.as_str(), text(value)))
    }

    /// Returns a member of the JWT's header as text, such as `alg` or `kid`.
    pub fn header(&self, name: &str) -> Option<String> {
        self.header.get(name).map(text)
    }

    /// Returns `iat`, when the token was issued: since the Unix epoch, fractions of a second dropped.
    pub fn issued_at(&self) -> Option<Duration> {
        self.date("iat")
    }

    /// Returns `exp`, when the token expires: since the Unix epoch, fractions of a second dropped.
    pub fn expires_at(&self) -> Option<Duration> {
        self.date("exp")
    }

    /// RFC 7519 §2: a NumericDate may have a fraction.
    fn date(&self, name: &str) -> Option<Duration> {
        let value = self.payload.get(name)?;
        let seconds = value.as_f64().filter(|seconds| *seconds >= 0.0)?;
        Some(Duration::from_secs(
            value.as_u64().unwrap_or(seconds as u64),
        ))
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
