//! A Delivery key as the service lists it: its properties, without the key itself.

use serde_json::Value;

use crate::http::decode_error::{DecodeError, THE_BODY};
use crate::http::json_object::{self, JsonObject};
use crate::http::response::ApiResponse;
use crate::keys::key_hash::KeyHash;

/// The properties of a Delivery key. The service returns the key itself only once, when it creates the key.
///
/// ```
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::{ExperienceEdge, KeyHash, scope};
///
/// let hash: KeyHash = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4".parse()?;
/// let body = format!(r#"{{"hash":"{hash}","label":"www.example.com","scopes":["audience-delivery"]}}"#);
/// let key = ExperienceEdge::new().key_by_hash(&hash).parse(&http::Response::new(body))?;
/// assert_eq!((key.label.as_str(), key.is_revoked), ("www.example.com", false));
/// assert_eq!(key.scopes, [scope::DELIVERY]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// `hash`: the hash of the key, by which operations find the key.
    pub hash: KeyHash,
    /// `label`: the name for people; empty if there is none.
    pub label: String,
    /// `scopes`: the content that the key can read; see [`scope`](crate::scope).
    pub scopes: Vec<String>,
    /// `isRevoked`: true if the key was revoked.
    pub is_revoked: bool,
    /// `createdBy`: the person or program that created the key.
    pub created_by: Option<String>,
    /// `created`: the time of creation, as the service writes it (RFC 3339).
    pub created: Option<String>,
    /// `tenantId`: the tenant of the key.
    pub tenant_id: Option<String>,
}

impl Key {
    /// Reads one key, or an array of one key, which an older page of the documentation describes.
    pub(crate) fn read(response: &ApiResponse<'_>) -> Result<Self, DecodeError> {
        match json_object::parse(response.body)? {
            Value::Array(keys) => match <[Value; 1]>::try_from(keys) {
                Ok([key]) => Self::from_json(key),
                Err(_) => Err(DecodeError::member(THE_BODY, "is not one key")),
            },
            key => Self::from_json(key),
        }
    }

    pub(crate) fn from_json(key: Value) -> Result<Self, DecodeError> {
        let key = JsonObject::try_from(key)?;
        key.check_texts(&["label", "createdBy", "created", "tenantId"])?;
        key.check_flags(&["isRevoked"])?;
        let text = |name| key.text(name).map(str::to_owned);
        let hash = key.required("hash")?.parse();
        Ok(Self {
            hash: hash.map_err(|_| DecodeError::member("hash", "is not 64 hexadecimal digits"))?,
            label: text("label").unwrap_or_default(),
            scopes: scopes(&key)?,
            is_revoked: key.flag("isRevoked").unwrap_or_default(),
            created_by: text("createdBy"),
            created: text("created"),
            tenant_id: text("tenantId"),
        })
    }
}

fn scopes(key: &JsonObject) -> Result<Vec<String>, DecodeError> {
    let texts = match key.get("scopes") {
        None => Some(Vec::new()),
        Some(Value::Array(scopes)) => scopes
            .iter()
            .filter(|scope| !scope.is_null())
            .map(|scope| scope.as_str().map(str::to_owned))
            .collect(),
        Some(_) => None,
    };
    texts.ok_or(DecodeError::member("scopes", "is not an array of texts"))
}
