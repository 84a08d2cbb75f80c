//! A publishing job as a client wants it.

use serde_json::{Value, json};

use crate::api::error::{ApiError, Problem};
use crate::api::json_body::Members;

/// A job to create.
pub(crate) struct JobEdit {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) description: Option<String>,
    mode: String,
    locales: Vec<String>,
    /// Empty for the whole environment.
    pub(crate) items: Vec<Item>,
    pub(crate) item_count: u64,
}

/// An item to publish.
pub(crate) struct Item {
    pub(crate) id: String,
    kind: String,
    locale: Option<String>,
}

impl JobEdit {
    /// Reads the body of a request. `published` is the number of entities that the environment has for each locale.
    pub(crate) fn read(mut members: Members, published: usize) -> Result<Self, ApiError> {
        let name = text(&mut members, "Name")?;
        let source = text(&mut members, "Source")?;
        let description = members.text("Description")?;
        if description.as_deref().is_some_and(is_long) {
            return Err(ApiError::invalid_field("Description", TOO_LONG));
        }
        let mut options = object(members.take("Options")).ok_or_else(|| required("Options"))?;
        let mut xmc = object(options.take("xmc")).ok_or_else(|| required("Options"))?;
        let locales = locales(xmc.take("locales"))?;
        let items = items(options.take("items"))?;
        let mode = match (object(xmc.take("site")), object(xmc.take("items"))) {
            (Some(mut site), None) if items.is_empty() => {
                mode(&mut site, &["Smart", "Republish", "Incremental"])?
            }
            (None, Some(mut of_items)) if !items.is_empty() => {
                of_items.flag("publishRelatedItems")?;
                of_items.flag("publishChildren")?;
                mode(&mut of_items, &["Smart", "Republish"])?
            }
            // The form in which the service shows a job. The real service fails on it too.
            (None, None) if xmc.take("mode").is_some() => {
                return Err(ApiError::Problem(Problem::server_error()));
            }
            _ => {
                return Err(ApiError::invalid_field(
                    "Options",
                    "They need xmc.site without items, or xmc.items with items.",
                ));
            }
        };
        let with_locale = items.iter().filter(|item| item.locale.is_some()).count();
        let fits = match (locales.is_empty(), with_locale) {
            (false, 0) => true,
            (true, count) => count > 0 && count == items.len(),
            (false, _) => false,
        };
        if !fits {
            return Err(ApiError::Problem(Problem::bad_request(NO_LOCALES)));
        }
        let each = if items.is_empty() {
            published
        } else {
            items.len()
        };
        let count = each.saturating_mul(locales.len().max(1));
        Ok(Self {
            name,
            source,
            description,
            mode,
            locales,
            items,
            item_count: u64::try_from(count).unwrap_or(u64::MAX),
        })
    }

    /// Returns the options as the service shows them, which is another form than it takes.
    pub(crate) fn shown_options(&self) -> Value {
        let kind = if self.items.is_empty() {
            "Site"
        } else {
            "Items"
        };
        let mut options =
            json!({ "xmc": { "type": kind, "mode": self.mode, "locales": self.locales } });
        if !self.items.is_empty() {
            options["items"] = self.items.iter().map(Item::to_json).collect();
        }
        options
    }

    /// Returns each item with each of its locales.
    pub(crate) fn targets(&self) -> impl Iterator<Item = (&str, &str)> {
        self.items.iter().flat_map(|item| {
            let own = item.locale.iter().map(String::as_str);
            let locales = self.locales.iter().map(String::as_str);
            own.chain(locales).map(|locale| (item.id.as_str(), locale))
        })
    }
}

impl Item {
    fn read(value: Value) -> Option<Self> {
        let Value::Object(members) = value else {
            return None;
        };
        let mut members = Members::from(members);
        let mut text = |name, longest| match members.take(name) {
            Some(Value::String(text)) => {
                let fits = !text.trim().is_empty() && text.chars().count() <= longest;
                fits.then_some(Some(text))
            }
            Some(_) => None,
            None => Some(None),
        };
        Some(Self {
            id: text("id", 50)??,
            kind: text("type", LONGEST)??,
            locale: text("locale", 20)?,
        })
    }

    fn to_json(&self) -> Value {
        let mut json = json!({ "id": self.id, "type": self.kind });
        if let Some(locale) = &self.locale {
            json["locale"] = json!(locale);
        }
        json
    }
}

fn text(members: &mut Members, name: &str) -> Result<String, ApiError> {
    let text = members.required_text(name)?;
    match is_long(&text) {
        true => Err(ApiError::invalid_field(name, TOO_LONG)),
        false => Ok(text),
    }
}

fn is_long(text: &str) -> bool {
    text.chars().count() > LONGEST
}

fn object(value: Option<Value>) -> Option<Members> {
    match value {
        Some(Value::Object(members)) => Some(Members::from(members)),
        _ => None,
    }
}

fn mode(members: &mut Members, known: &[&str]) -> Result<String, ApiError> {
    let mode = members.text("mode")?.unwrap_or_default();
    match known.contains(&mode.as_str()) {
        true => Ok(mode),
        false => Err(ApiError::invalid_field("Options", "The mode is not known.")),
    }
}

fn locales(value: Option<Value>) -> Result<Vec<String>, ApiError> {
    let locales = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(locales)) => locales,
        Some(_) => return Err(incorrect()),
    };
    let locale = |value| match value {
        Value::String(locale) if !locale.trim().is_empty() => Ok(locale),
        _ => Err(incorrect()),
    };
    locales.into_iter().map(locale).collect()
}

fn items(value: Option<Value>) -> Result<Vec<Item>, ApiError> {
    let items = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(incorrect()),
    };
    let item = |value| Item::read(value).ok_or_else(incorrect);
    items.into_iter().map(item).collect()
}

fn incorrect() -> ApiError {
    ApiError::Problem(Problem::bad_request("item IDs or locales are incorrect"))
}

fn required(name: &'static str) -> ApiError {
    ApiError::invalid_field(name, "It is required.")
}

const NO_LOCALES: &str =
    "Publishing locales should be specified either in the job options or per item";
const TOO_LONG: &str = "It has more than 256 characters.";
const LONGEST: usize = 256;
