//! One item to publish.

use serde_json::{Value, json};

use crate::input_error::{InputError, require_length, require_text};

/// An item to publish.
///
/// ```
/// use experience_edge_api::{NewJob, PublishItem, PublishMode, Publishing};
///
/// let home = PublishItem::new("0DE95AE4-41AB-4D01-9EB0-67441B7C2450").locale("en");
/// let job = NewJob::items("home", "my-program", PublishMode::Smart).item(home);
/// assert!(Publishing::new().create_job(&job).is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishItem {
    id: String,
    kind: String,
    pub(crate) locale: Option<String>,
}

impl PublishItem {
    /// Returns the item with this id, which is a GUID.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            kind: "Item".to_owned(),
            locale: None,
        }
    }

    /// Sets the type of the item, `Item` by default.
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = kind.into();
        self
    }

    /// Sets the locale to publish, such as `en`. The service has been seen to take `*` too. Then every item of the job
    /// needs a locale, and the job must have none.
    #[must_use]
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    pub(crate) fn to_json(&self) -> Result<Value, InputError> {
        require_text("items.id", &self.id)?;
        if self.id.starts_with('/') {
            return Err(InputError::invalid(
                "items.id",
                "is a path: use the id, a GUID",
            ));
        }
        require_length("items.id", &self.id, MAX_ID)?;
        require_text("items.type", &self.kind)?;
        require_length("items.type", &self.kind, MAX_KIND)?;
        let mut json = json!({"id": self.id, "type": self.kind});
        if let Some(locale) = &self.locale {
            require_text("items.locale", locale)?;
            require_length("items.locale", locale, MAX_LOCALE)?;
            json["locale"] = json!(locale);
        }
        Ok(json)
    }
}

/// In characters.
const MAX_ID: usize = 50;
const MAX_KIND: usize = 256;
const MAX_LOCALE: usize = 20;
