//! What a webhook sends, for the side that receives it.

use std::fmt;

use serde_json::Value;

use crate::http::decode_error::Wrong;
use crate::http::json_object::Object;

/// What a webhook of the mode `OnUpdate` sends: a part of what a publishing job updated.
///
/// One of the mode `OnEnd` sends the body that it was given, so there is nothing to parse. That a
/// request comes from Experience Edge is for a header to show that only the webhook knows; nothing is
/// signed.
///
/// ```
/// use experience_edge_api::payload::{Change, OnUpdate};
///
/// let body = br#"{"invocation_id":"7","updates":[{"identifier":"110D559F","entity_definition":"Item",
///     "operation":"Update","entity_culture":"en"}],"continues":false}"#;
/// let payload = OnUpdate::parse(body)?;
/// assert_eq!(payload.updates[0].operation, Change::Update);
/// # Ok::<_, experience_edge_api::payload::PayloadError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OnUpdate {
    /// `invocation_id`: which publishing job; the parts of one job have the same.
    pub invocation_id: String,
    /// `updates`: what was updated.
    pub updates: Vec<Update>,
    /// `continues`: whether more parts of this job follow.
    pub continues: bool,
}

/// One thing that was updated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Update {
    /// `identifier`: what the thing is called.
    pub identifier: String,
    /// `entity_definition`: what kind of thing it is.
    pub entity_definition: Option<String>,
    /// `operation`: what was done with it.
    pub operation: Change,
    /// `entity_culture`: its language.
    pub entity_culture: Option<String>,
}

/// What was done with a thing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// It was made or changed.
    Update,
    /// It was removed.
    Delete,
    /// Something that is not known here, as the service spells it.
    Other(String),
}

impl OnUpdate {
    /// Reads the body of a request. Members that are not known here, such as those of the webhook's
    /// `bodyInclude`, are passed over.
    pub fn parse(body: &[u8]) -> Result<Self, PayloadError> {
        Self::read(body).map_err(|Wrong { member, wrong, .. }| PayloadError { member, wrong })
    }

    fn read(body: &[u8]) -> Result<Self, Wrong> {
        let payload = Object::parse(body)?;
        payload.check_flags(&["continues"])?;
        let updates = match payload.get("updates") {
            None => return Err(Wrong::member("updates", "is missing")),
            Some(Value::Array(updates)) => updates.iter().map(Update::read),
            Some(_) => return Err(Wrong::member("updates", "is not an array")),
        };
        Ok(Self {
            invocation_id: payload.required("invocation_id")?.to_owned(),
            updates: updates.collect::<Result<_, _>>()?,
            continues: payload.flag("continues").unwrap_or_default(),
        })
    }
}

impl Update {
    fn read(update: &Value) -> Result<Self, Wrong> {
        let Ok(update) = Object::try_from(update.clone()) else {
            return Err(Wrong::member("updates", "has one that is not an object"));
        };
        update.check_texts(&["entity_definition", "entity_culture"])?;
        let text = |name| update.text(name).map(str::to_owned);
        Ok(Self {
            identifier: update.required("identifier")?.to_owned(),
            entity_definition: text("entity_definition"),
            operation: match update.required("operation")? {
                text if text.eq_ignore_ascii_case("Update") => Change::Update,
                text if text.eq_ignore_ascii_case("Delete") => Change::Delete,
                text => Change::Other(text.to_owned()),
            },
            entity_culture: text("entity_culture"),
        })
    }
}

/// A body that is not what a webhook of the mode `OnUpdate` sends. Names the member, never its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadError {
    member: &'static str,
    wrong: &'static str,
}

impl PayloadError {
    /// The member that is wrong, or `the body`.
    pub fn member(&self) -> &'static str {
        self.member
    }
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the webhook's payload cannot be read: {} {}",
            self.member, self.wrong
        )
    }
}

impl std::error::Error for PayloadError {}
