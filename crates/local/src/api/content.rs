//! The published content, and the updates that webhooks get about it.

use serde_json::{Map, Value, json};

/// The entities of the tenant: [`PUBLISHED`], unless they were deleted. A publishing job of the whole environment
/// restores them.
pub(crate) struct PublishedContent {
    published: Vec<Entity>,
}

pub(crate) struct Entity {
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

    /// Deletes all entities, and returns an update for each of them.
    pub(crate) fn clear(&mut self) -> Vec<Value> {
        let deleted = self.published.drain(..);
        deleted.map(|entity| entity.update("Delete")).collect()
    }

    /// Publishes everything, and gives an update for each entity.
    pub(crate) fn publish(&mut self) -> Vec<Value> {
        self.published = Vec::from(PUBLISHED);
        let published = self.published.iter();
        published.map(|entity| entity.update("Update")).collect()
    }
}

impl Entity {
    fn update(&self, operation: &str) -> Value {
        update(self.identifier, self.definition, operation, self.culture)
    }
}

/// Returns the update of an item that was published by itself.
pub(crate) fn published_item(identifier: &str, locale: &str) -> Value {
    update(identifier, "Item", "Update", locale)
}

fn update(identifier: &str, definition: &str, operation: &str, culture: &str) -> Value {
    json!({
        "identifier": identifier,
        "entity_definition": definition,
        "operation": operation,
        "entity_culture": culture,
    })
}

/// The payload of an `OnUpdate` webhook, without the webhook's own members.
pub(crate) fn payload(invocation_id: String, updates: Vec<Value>) -> Map<String, Value> {
    Map::from_iter([
        ("invocation_id".to_owned(), Value::String(invocation_id)),
        ("updates".to_owned(), Value::Array(updates)),
        ("continues".to_owned(), Value::Bool(false)),
    ])
}

pub(crate) const PUBLISHED: [Entity; 3] = [
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
