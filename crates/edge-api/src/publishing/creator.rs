//! The creator of a publishing job.

use serde_json::Value;

use crate::http::json_object::JsonObject;

/// The creator of a publishing job: a person or a program.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobCreator {
    /// `id`: the creator's id, such as that of a client.
    pub id: Option<String>,
    /// `name`: the name for people.
    pub name: Option<String>,
    /// `type`: such as `Application` for a client.
    pub kind: Option<String>,
}

impl JobCreator {
    /// Returns `None` if the JSON is neither an object nor text.
    pub(crate) fn from_json(json: &Value) -> Option<Self> {
        let creator = match json {
            Value::Object(members) => JsonObject(members.clone()),
            Value::String(name) => {
                return Some(Self {
                    id: None,
                    name: Some(name.clone()),
                    kind: None,
                });
            }
            _ => return None,
        };
        let text = |name| creator.text(name).map(str::to_owned);
        Some(Self {
            id: text("id"),
            name: text("name"),
            kind: text("type"),
        })
    }
}
