//! The description of a key, for people and for scripts.

use experience_edge_api::Key;
use serde_json::{Value, json};

use crate::output::table::Table;
use crate::output::text::{Lines, shown};

/// Returns the key as JSON, with the service's names.
pub(super) fn json(key: &Key) -> Value {
    json!({
        "tenantId": key.tenant_id,
        "hash": key.hash.as_str(),
        "isRevoked": key.is_revoked,
        "label": key.label,
        "scopes": key.scopes,
        "createdBy": key.created_by,
        "created": key.created,
    })
}

pub(super) fn lines(key: &Key) -> String {
    let mut lines = Lines::default();
    let texts = [
        ("hash", key.hash.as_str()),
        ("label", &key.label),
        ("state", state(key)),
        ("scopes", &key.scopes.join(" ")),
        ("created", key.created.as_deref().unwrap_or_default()),
        ("by", key.created_by.as_deref().unwrap_or_default()),
        ("tenant", key.tenant_id.as_deref().unwrap_or_default()),
    ];
    for (name, text) in texts {
        lines.line(name, shown(text, LONGEST));
    }
    lines.finish()
}

pub(super) fn table<'a>(keys: impl IntoIterator<Item = &'a Key>) -> String {
    let mut table = Table::new(["HASH", "LABEL", "STATE", "SCOPES", "CREATED", "BY"]);
    for key in keys {
        table.row([
            key.hash.as_str(),
            &key.label,
            state(key),
            &key.scopes.join(" "),
            // To the second, without the service's fractions.
            key.created
                .as_deref()
                .and_then(|created| created.get(..19))
                .unwrap_or_default(),
            key.created_by.as_deref().unwrap_or_default(),
        ]);
    }
    table.finish()
}

fn state(key: &Key) -> &'static str {
    match key.is_revoked {
        true => "revoked",
        false => "active",
    }
}

const LONGEST: usize = 1024;
