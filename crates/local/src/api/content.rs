//! What is published, and how a change of it is told to webhooks.

use serde_json::{Map, Value, json};

/// The entities of the tenant. It starts with [`PUBLISHED`]; nothing here publishes more.
pub(crate) struct PublishedContent {
    published: Vec<Entity>,
}

struct Entity {
    identifier: &'static str,
    definition: &'static str,
    culture: &'static str,
}

impl PublishedContent {
    pub(crate) fn new() -> Self {
        Self {
            published: Vec::from(PUBLISHED),
        }
    }

    /// Deletes everything, and gives an update for each entity that was there.
    pub(crate) fn clear(&mut self) -> Vec<Value> {
        let deleted = self.published.drain(..);
        deleted.map(|entity| entity.update("Delete")).collect()
    }
}

impl Entity {
    fn update(&self, operation: &str) -> Value {
        json!({
            "identifier": self.identifier,
            "entity_definition": self.definition,
            "operation": operation,
            "entity_culture": self.culture,
        })
    }
}

/// What an `OnUpdate` webhook is sent, but for the members that are its own.
pub(crate) fn payload(invocation_id: String, updates: Vec<Value>) -> Map<String, Value> {
    Map::from_iter([
        ("invocation_id".to_owned(), Value::String(invocation_id)),
        ("updates".to_owned(), Value::Array(updates)),
        ("continues".to_owned(), Value::Bool(false)),
    ])
}

const PUBLISHED: [Entity; 3] = [
    Entity {
        identifier: "0A1B2C3D4E5F40718293A4B5C6D7E8F9",
        definition: "Item",
        culture: "en",
    },
    Entity {
        identifier: "0A1B2C3D4E5F40718293A4B5C6D7E8F9-layout",
        definition: "LayoutData",
        culture: "en",
    },
    Entity {
        identifier: "9F8E7D6C5B4A43218765F0E1D2C3B4A5",
        definition: "Item",
        culture: "da",
    },
];
