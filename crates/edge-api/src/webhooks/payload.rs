//! The request that a webhook sends, for the program that receives it.
//!
//! The service does not sign its requests. To prove their origin, give the webhook a header with a secret, and check it
//! with [`has_secret`]. Then read the body of a webhook of the mode `OnUpdate` with [`OnUpdate::parse`].
//!
//! Respond with a 2xx within 30 s, and do long work afterwards. A run without a response fails, and ten failures in a row
//! disable the webhook. The service does not document how it counts other statuses.

use std::fmt;

use edge_oauth_no_io::Secret;
use http::HeaderMap;
use serde_json::Value;
use subtle::ConstantTimeEq;

use crate::http::decode_error::DecodeError;
use crate::http::json_object::JsonObject;

/// The body that a webhook of the mode `OnUpdate` sends: a part of the updates of a publishing job.
///
/// A webhook of the mode `OnEnd` sends the body that it was created with.
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

/// Returns whether a request has this secret in the header of this name. The time of the comparison depends on the
/// lengths alone.
///
/// It is false if the secret is empty, such as that of a variable without a value, and if the header is repeated.
///
/// ```
/// use edge_oauth_no_io::Secret;
/// use experience_edge_api::payload::has_secret;
///
/// let request = http::Request::post("/api/revalidate").header("x-revalidate", "s3cret").body(())?;
/// assert!(has_secret(request.headers(), "x-revalidate", &Secret::new("s3cret")));
/// assert!(!has_secret(request.headers(), "x-revalidate", &Secret::new("another")));
/// # Ok::<_, http::Error>(())
/// ```
pub fn has_secret(headers: &HeaderMap, name: &str, secret: &Secret) -> bool {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let secret = secret.expose().as_bytes();
    !secret.is_empty() && bool::from(value.as_bytes().ct_eq(secret))
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
