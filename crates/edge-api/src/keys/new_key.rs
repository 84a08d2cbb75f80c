//! A Delivery key to create.

use serde_json::{Value, json};

use crate::input_error::{InputError, require_text};
use crate::keys::scope;

/// A Delivery key to create.
///
/// ```
/// use experience_edge_api::{ExperienceEdge, NewKey, scope};
///
/// let edge = ExperienceEdge::new();
/// let key = NewKey::delivery("www.example.com", "deployment");
/// assert_eq!(key, NewKey::new("www.example.com", "deployment").scope(scope::DELIVERY).scope(scope::EVERYTHING));
/// assert!(edge.create_key(&key).is_ok());
/// assert_eq!(edge.create_key(&NewKey::new("none", "me")).unwrap_err().field(), "scopes");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    label: String,
    created_by: String,
    scopes: Vec<String>,
}

impl NewKey {
    /// Returns a key without a scope. It needs at least one [`scope`](Self::scope), a label and a creator.
    pub fn new(label: impl Into<String>, created_by: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            created_by: created_by.into(),
            scopes: Vec::new(),
        }
    }

    /// Returns a key for all published content: [`DELIVERY`](scope::DELIVERY) and [`EVERYTHING`](scope::EVERYTHING).
    pub fn delivery(label: impl Into<String>, created_by: impl Into<String>) -> Self {
        Self::new(label, created_by)
            .scope(scope::DELIVERY)
            .scope(scope::EVERYTHING)
    }

    /// Adds a scope, unless the key has it already.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        let scope = scope.into();
        if !self.scopes.contains(&scope) {
            self.scopes.push(scope);
        }
        self
    }

    /// Returns the body of the request, or an error if a field is empty.
    pub(crate) fn to_json(&self) -> Result<Value, InputError> {
        require_text("label", &self.label)?;
        require_text("createdBy", &self.created_by)?;
        if self.scopes.is_empty() {
            return Err(InputError::Empty { field: "scopes" });
        }
        for scope in &self.scopes {
            require_text("scopes", scope)?;
        }
        Ok(json!({"CreatedBy": self.created_by, "Label": self.label, "Scopes": self.scopes}))
    }
}
