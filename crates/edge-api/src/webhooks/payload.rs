//! The body that a webhook sends, for the program that receives it.

use std::fmt;

use serde_json::Value;

use crate::http::decode_error::DecodeError;
use crate::http::json_object::JsonObject;

/// The body that a webhook of the mode `OnUpdate` sends: a part of the updates of a publishing job.
///
/// A webhook of the mode `OnEnd` sends the body that it was created with.
///
/// The service does not sign its requests. To prove their origin, give the webhook a header with a secret, and check
/// the header in the receiver.
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
    /// `invocation_id`: the publishing job. All parts of one job have the same id.
    pub invocation_id: String,
    /// `updates`: the updates in this part.
    pub updates: Vec<Update>,
    /// `continues`: true if more parts of this job follow.
    pub continues: bool,
}

/// One update of a publishing job.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Update {
    /// `identifier`: the id of the updated entity.
    pub identifier: String,
    /// `entity_definition`: the kind of the entity, such as `Item` or `LayoutData`.
    pub entity_definition: Option<String>,
    /// `operation`: the change of the entity.
    pub operation: Change,
    /// `entity_culture`: the language of the entity, such as `en`.
    pub entity_culture: Option<String>,
}

/// The change of an entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// It was created or changed.
    Update,
    /// It was removed.
    Delete,
    /// Another change, as the service spells it.
    Other(String),
}

impl OnUpdate {
    /// Reads the body of a request. Unknown members, such as those of the webhook's `bodyInclude`, are ignored.
    ///
    /// # Errors
    ///
    /// If the body is not a JSON object, or if a member is missing or has another type.
    pub fn parse(body: &[u8]) -> Result<Self, PayloadError> {
        Self::read(body)
            .map_err(|DecodeError { member, reason, .. }| PayloadError { member, reason })
    }

    fn read(body: &[u8]) -> Result<Self, DecodeError> {
        let payload = JsonObject::parse(body)?;
        payload.check_flags(&["continues"])?;
        let updates = payload.items("updates")?.iter().map(Update::read);
        Ok(Self {
            invocation_id: payload.required("invocation_id")?.to_owned(),
            updates: updates.collect::<Result<_, _>>()?,
            continues: payload.flag("continues").unwrap_or_default(),
        })
    }
}

impl Update {
    fn read(update: &Value) -> Result<Self, DecodeError> {
        let Ok(update) = JsonObject::try_from(update.clone()) else {
            return Err(DecodeError::member(
                "updates",
                "has an item that is not an object",
            ));
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

/// The error of a body that a webhook of the mode `OnUpdate` does not send. It names the member, never its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadError {
    member: &'static str,
    reason: &'static str,
}

impl PayloadError {
    /// Returns the member that is wrong, or `the body`.
    pub fn member(&self) -> &'static str {
        self.member
    }
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the webhook's payload cannot be read: {} {}",
            self.member, self.reason
        )
    }
}

impl std::error::Error for PayloadError {}
