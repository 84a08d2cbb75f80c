//! The settings of a tenant: the lifetimes of its caches, and the events that clear them.

use http::HeaderMap;
use serde_json::{Map, Value, json};

use crate::api::error::ApiError;
use crate::api::json_body::Members;
use crate::api::settings::json_patch;
use crate::api::settings::ttl;

/// A JSON object whose known members are always present and valid. Unknown members are kept unchanged.
pub(crate) struct TenantSettings {
    members: Map<String, Value>,
}

impl TenantSettings {
    pub(crate) fn new() -> Self {
        let members = KNOWN.map(|(name, kind)| (name.to_owned(), kind.default()));
        Self {
            members: members.into_iter().collect(),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        Value::Object(self.members.clone())
    }

    /// `PUT`: replaces all settings. Every known member is required.
    pub(crate) fn replace(&mut self, mut members: Members) -> Result<(), ApiError> {
        let mut known = Vec::new();
        for (name, kind) in KNOWN {
            let value = members.take(name);
            let value = value.ok_or_else(|| ApiError::invalid_field(name, "It is required."))?;
            kind.check(name, &value)?;
            known.push((name.to_owned(), value));
        }
        self.members = members.unknown();
        self.members.extend(known);
        Ok(())
    }

    /// `PATCH`: applies all replacements, or none if one of them is wrong (RFC 5789 §2).
    pub(crate) fn patch(&mut self, headers: &HeaderMap, body: &[u8]) -> Result<(), ApiError> {
        let mut members = self.members.clone();
        for replacement in json_patch::read(headers, body)? {
            let mut found = members.iter_mut();
            let found = found.find(|(name, _)| name.to_lowercase() == replacement.name);
            // A replaced member has to exist (RFC 6902 §4.3).
            let Some((name, value)) = found else {
                let place = format!("[{}].path", replacement.index);
                return Err(ApiError::invalid_field(
                    place,
                    "It names no setting in lower case.",
                ));
            };
            if let Some((name, kind)) = KNOWN.iter().find(|(known, _)| known == name) {
                kind.check(name, &replacement.value)?;
            }
            *value = replacement.value;
        }
        self.members = members;
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Ttl,
    Flag,
}

impl Kind {
    fn default(self) -> Value {
        match self {
            Self::Ttl => json!("04:00:00"),
            Self::Flag => json!(true),
        }
    }

    fn check(self, name: &str, value: &Value) -> Result<(), ApiError> {
        match (self, value) {
            (Self::Ttl, Value::String(text)) if ttl::is_valid(text) => Ok(()),
            (Self::Flag, Value::Bool(_)) => Ok(()),
            (Self::Ttl, _) => Err(ApiError::invalid_field(name, "It has to be [d.]hh:mm:ss.")),
            (Self::Flag, _) => Err(ApiError::invalid_field(name, "It has to be true or false.")),
        }
    }
}

const KNOWN: [(&str, Kind); 5] = [
    ("contentCacheTtl", Kind::Ttl),
    ("contentCacheAutoClear", Kind::Flag),
    ("mediaCacheTtl", Kind::Ttl),
    ("mediaCacheAutoClear", Kind::Flag),
    ("tenantCacheAutoClear", Kind::Flag),
];
