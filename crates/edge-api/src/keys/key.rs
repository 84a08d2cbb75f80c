//! A Delivery key as the service lists it, which is without the key.

use edge_oauth_no_io::Secret;
use serde_json::Value;

use crate::http::decode_error::{THE_BODY, Wrong};
use crate::http::json_object::{self, Object};
use crate::http::response::Answer;
use crate::keys::key_hash::KeyHash;

/// What the service tells of a Delivery key. The key itself it tells once, when it is created.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// `hash`: what the service finds it by.
    pub hash: KeyHash,
    /// `label`: what people call it.
    pub label: String,
    /// `scopes`: what it is for; see [`scope`](crate::scope).
    pub scopes: Vec<String>,
    /// `isRevoked`: whether it is of no use any more.
    pub is_revoked: bool,
    /// `createdBy`: who made it.
    pub created_by: Option<String>,
    /// `created`: when it was made, in the service's words (RFC 3339).
    pub created: Option<String>,
    /// `tenantId`: whose it is.
    pub tenant_id: Option<String>,
}

impl Key {
    /// One key, or an array with one key in it, as an older page of the documentation has it.
    pub(crate) fn read(answer: &Answer<'_>) -> Result<Self, Wrong> {
        match json_object::parse(answer.body)? {
            Value::Array(keys) => match <[Value; 1]>::try_from(keys) {
                Ok([key]) => Self::from_json(key),
                Err(_) => Err(Wrong::member(THE_BODY, "is not one key")),
            },
            key => Self::from_json(key),
        }
    }

    pub(crate) fn from_json(key: Value) -> Result<Self, Wrong> {
        let key = Object::try_from(key)?;
        key.check_texts(&["label", "createdBy", "created", "tenantId"])?;
        key.check_flags(&["isRevoked"])?;
        let text = |name| key.text(name).map(str::to_owned);
        let hash = key.required("hash")?.parse();
        Ok(Self {
            hash: hash.map_err(|_| Wrong::member("hash", "is not 64 hexadecimal digits"))?,
            label: text("label").unwrap_or_default(),
            scopes: scopes(&key)?,
            is_revoked: key.flag("isRevoked").unwrap_or_default(),
            created_by: text("createdBy"),
            created: text("created"),
            tenant_id: text("tenantId"),
        })
    }
}

/// The key itself: the whole body, as text or, where the service writes JSON, in quotes.
pub(crate) fn created(answer: &Answer<'_>) -> Result<Secret, Wrong> {
    let wrong = |wrong| Wrong::member("the key", wrong);
    let text = std::str::from_utf8(answer.body).map_err(|_| wrong("is not text"))?;
    let text = text.trim();
    let key = match serde_json::from_str(text) {
        Ok(Value::String(key)) => Secret::new(key),
        Ok(_) => return Err(wrong("is not one")),
        Err(_) => Secret::new(text),
    };
    match key.expose() {
        "" => Err(wrong("is missing")),
        text if !text.bytes().all(|byte| matches!(byte, b'!'..=b'~')) => {
            Err(wrong("has a character that a header cannot carry"))
        }
        // Nor is JSON that breaks off.
        text if text.starts_with(['"', '{', '[']) => Err(wrong("is not one")),
        text if text.len() < SHORTEST => Err(wrong("is too short")),
        _ => Ok(key),
    }
}

fn scopes(key: &Object) -> Result<Vec<String>, Wrong> {
    let texts = match key.get("scopes") {
        None => Some(Vec::new()),
        Some(Value::Array(scopes)) => scopes
            .iter()
            .map(|scope| scope.as_str().map(str::to_owned))
            .collect(),
        Some(_) => None,
    };
    texts.ok_or(Wrong::member("scopes", "is not an array of texts"))
}

/// Keys have some forty characters or more. `OK` has fewer, and whoever took it for a key would hand it
/// to a site and revoke the good ones.
const SHORTEST: usize = 16;

/// The path of the Token API.
pub(crate) const KEYS: &str = "/api/apikey/v1";
