//! The keys of the Delivery API: their creators, scopes and states.

use std::time::Duration;

use ring::digest;
use serde_json::{Value, json};

use crate::api::error::ApiError;
use crate::api::generator::{self, Generator};
use crate::api::json_body::Members;
use crate::api::timestamp;

/// All keys in the order of their creation. Revoked keys stay in the list.
pub(crate) struct DeliveryKeys {
    list: Vec<DeliveryKey>,
    generator: Generator,
}

/// A record of a key, without the key itself.
pub(crate) struct DeliveryKey {
    tenant_id: String,
    hash: String,
    pub(crate) is_revoked: bool,
    pub(crate) label: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) created_by: String,
    created: Duration,
}

/// The values of a new key.
pub(crate) struct NewKey {
    label: String,
    scopes: Vec<String>,
    created_by: String,
}

impl DeliveryKeys {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            list: Vec::new(),
            generator: Generator::new(seed, "key"),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &DeliveryKey> {
        self.list.iter()
    }

    /// Creates a key, stores its hash only, and returns it.
    pub(crate) fn create(&mut self, tenant_id: &str, new_key: NewKey, now: Duration) -> String {
        let key = self.generator.key();
        self.list.push(DeliveryKey {
            tenant_id: tenant_id.to_owned(),
            hash: hash(key.as_bytes()),
            is_revoked: false,
            label: new_key.label,
            scopes: new_key.scopes,
            created_by: new_key.created_by,
            created: now,
        });
        key
    }

    pub(crate) fn by_hash(&mut self, hash: &str) -> Result<&mut DeliveryKey, ApiError> {
        let found = self.list.iter_mut().find(|key| key.hash == hash);
        found.ok_or(ApiError::NotFound("key"))
    }
}

/// Returns the lower-case hexadecimal SHA-256 of a key.
pub(crate) fn hash(key: &[u8]) -> String {
    generator::hex(digest::digest(&digest::SHA256, key).as_ref())
}

impl DeliveryKey {
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "tenantId": self.tenant_id,
            "hash": self.hash,
            "isRevoked": self.is_revoked,
            "label": self.label,
            "scopes": self.scopes,
            "createdBy": self.created_by,
            "created": timestamp::rfc3339(self.created),
        })
    }
}

impl NewKey {
    /// A scope may be any text. At least one scope is required.
    pub(crate) fn read(mut members: Members) -> Result<Self, ApiError> {
        let label = members.required_text("label")?;
        let scopes = match members.take("scopes") {
            Some(Value::Array(scopes)) => scopes.into_iter().map(scope).collect(),
            _ => None,
        };
        let scopes: Vec<_> = scopes.unwrap_or_default();
        if scopes.is_empty() {
            let reason = "It has to be a list of texts, with one at least.";
            return Err(ApiError::invalid_field("scopes", reason));
        }
        Ok(Self {
            label,
            scopes,
            created_by: members.text("createdBy")?.unwrap_or_default(),
        })
    }
}

fn scope(value: Value) -> Option<String> {
    match value {
        Value::String(scope) if !scope.trim().is_empty() => Some(scope),
        _ => None,
    }
}
