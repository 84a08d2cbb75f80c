//! A publishing job to create.

use serde_json::{Value, json};

use crate::input_error::{InputError, require_length, require_text};
use crate::publishing::job::Job;
use crate::publishing::publish_item::PublishItem;
use crate::publishing::publish_mode::PublishMode;

/// A publishing job to create. The locales belong either to the job or to each of its items.
///
/// ```
/// use experience_edge_api::{NewJob, PublishItem, PublishMode, Publishing};
///
/// let publishing = Publishing::new();
/// let all = NewJob::environment("nightly", "my-program", PublishMode::Incremental).locale("en").locale("de-DE");
/// assert!(publishing.create_job(&all).is_ok());
///
/// let some = NewJob::items("home", "my-program", PublishMode::Smart)
///     .item(PublishItem::new("0DE95AE4-41AB-4D01-9EB0-67441B7C2450"))
///     .children(true);
/// assert_eq!(publishing.create_job(&some).unwrap_err().field(), "locales");
/// assert!(publishing.create_job(&some.locale("en")).is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    name: String,
    source: String,
    description: Option<String>,
    mode: PublishMode,
    locales: Vec<String>,
    /// `None` for the whole environment.
    items: Option<Vec<PublishItem>>,
    related_items: bool,
    children: bool,
}

impl NewJob {
    /// Returns a job that publishes the whole environment. `name` is for people. `source` is the program that
    /// publishes, by which the jobs can be listed.
    pub fn environment(
        name: impl Into<String>,
        source: impl Into<String>,
        mode: PublishMode,
    ) -> Self {
        Self {
            name: name.into(),
            source: source.into(),
            description: None,
            mode,
            locales: Vec::new(),
            items: None,
            related_items: false,
            children: false,
        }
    }

    /// Returns a job that publishes items. It needs at least one [`item`](Self::item).
    pub fn items(name: impl Into<String>, source: impl Into<String>, mode: PublishMode) -> Self {
        Self {
            items: Some(Vec::new()),
            ..Self::environment(name, source, mode)
        }
    }

    /// Adds an item. A job of [`environment`](Self::environment) becomes a job of items.
    #[must_use]
    pub fn item(mut self, item: PublishItem) -> Self {
        self.items.get_or_insert_default().push(item);
        self
    }

    /// Adds a locale to publish, such as `en`, unless the job has it already.
    #[must_use]
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        let locale = locale.into();
        if !self.locales.contains(&locale) {
            self.locales.push(locale);
        }
        self
    }

    /// Sets a description for people.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets whether the items that an item refers to are published too. For jobs of items.
    #[must_use]
    pub fn related_items(mut self, related: bool) -> Self {
        self.related_items = related;
        self
    }

    /// Sets whether the items below an item are published too. For jobs of items.
    #[must_use]
    pub fn children(mut self, children: bool) -> Self {
        self.children = children;
        self
    }

    /// Returns the body of the request, or an error if the service would reject it.
    pub(crate) fn to_json(&self) -> Result<Value, InputError> {
        for (field, text) in [("name", &self.name), ("source", &self.source)] {
            require_text(field, text)?;
            require_length(field, text, MAX_TEXT)?;
        }
        let mut job = json!({"name": self.name, "source": self.source, "options": self.options()?});
        if let Some(description) = &self.description {
            require_length("description", description, MAX_TEXT)?;
            job["description"] = json!(description);
        }
        Ok(job)
    }

    /// Returns the job that the service made of this one, under the id that it assigned.
    pub(crate) fn created(&self, id: &str) -> Job {
        Job::created(id, &self.name, &self.source)
    }

    fn options(&self) -> Result<Value, InputError> {
        for locale in &self.locales {
            require_text("locales", locale)?;
        }
        let Some(items) = &self.items else {
            return self.environment_options();
        };
        if items.is_empty() {
            return Err(InputError::Empty { field: "items" });
        }
        if self.mode == PublishMode::Incremental {
            let reason = "Incremental is for the whole environment only";
            return Err(InputError::invalid("mode", reason));
        }
        let mut xmc = json!({"items": {
            "mode": self.mode.as_str(),
            "publishRelatedItems": self.related_items,
            "publishChildren": self.children,
        }});
        let with_locale = items.iter().filter(|item| item.locale.is_some()).count();
        match (self.locales.is_empty(), with_locale) {
            (false, 0) => xmc["locales"] = json!(self.locales),
            (false, _) => {
                let reason = "belong either to the job or to its items, and not to both";
                return Err(InputError::invalid("locales", reason));
            }
            (true, count) if count == items.len() => {}
            (true, _) => return Err(InputError::Empty { field: "locales" }),
        }
        let items: Result<Vec<_>, _> = items.iter().map(PublishItem::to_json).collect();
        Ok(json!({"items": items?, "xmc": xmc}))
    }

    fn environment_options(&self) -> Result<Value, InputError> {
        if self.locales.is_empty() {
            return Err(InputError::Empty { field: "locales" });
        }
        if self.related_items || self.children {
            let reason = "are for jobs of items only";
            return Err(InputError::invalid("related items and children", reason));
        }
        // Despite its name, `site` takes no site.
        Ok(json!({"xmc": {"locales": self.locales, "site": {"mode": self.mode.as_str()}}}))
    }
}

/// In characters: the longest name, source and description.
const MAX_TEXT: usize = 256;
