//! A webhook of the service.

use std::fmt;

use serde_json::Value;

use crate::http::decode_error::DecodeError;
use crate::http::json_object::JsonObject;
use crate::http::response::ApiResponse;
use crate::webhooks::execution_mode::ExecutionMode;
use crate::webhooks::members::{
    BODY, BODY_INCLUDE, CREATED, CREATED_BY, DISABLED, EXECUTION_MODE, HEADERS, ID, LABEL,
    LAST_RUNS, METHOD, TENANT_ID, URI, debug_fields, execution_mode, headers,
};

/// A webhook of the service. Unknown members are kept.
///
/// The headers, the body and the path of the URL often contain credentials of the called site. `Debug` prints only the
/// names of the headers and the host of the URL.
///
/// ```
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::ExperienceEdge;
///
/// let edge = ExperienceEdge::new();
/// let response = http::Response::new(r#"{"id":"7","label":"Revalidate","uri":"https://www.example.com/hook?key=s3cret","disabled":true}"#);
/// let webhook = edge.webhook("7")?.parse(&response)?;
/// assert!(webhook.is_disabled() && !format!("{webhook:?}").contains("s3cret"));
///
/// let operation = edge.update_webhook(webhook.id(), &webhook.edit().disabled(false))?;
/// assert_eq!(operation.request().uri().path(), "/api/admin/v1/webhooks/7");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Webhook(pub(crate) JsonObject);

impl Webhook {
    /// Returns `id`, which the service assigns.
    pub fn id(&self) -> &str {
        self.0.text(ID).unwrap_or_default()
    }

    /// Returns `label`, the name for people; empty if there is none.
    pub fn label(&self) -> &str {
        self.0.text(LABEL).unwrap_or_default()
    }

    /// Returns `uri`, the URL that is called; empty if there is none.
    pub fn uri(&self) -> &str {
        self.0.text(URI).unwrap_or_default()
    }

    /// Returns `method`: `GET` or `POST`.
    pub fn method(&self) -> Option<&str> {
        self.0.text(METHOD)
    }

    /// Returns `headers`: the names and values of the headers to send.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        headers(&self.0)
    }

    /// Returns `body`, the body to send if the mode is `OnEnd`.
    pub fn body(&self) -> Option<&str> {
        self.0.text(BODY)
    }

    /// Returns `bodyInclude`, a JSON object with members to add to the payload if the mode is `OnUpdate`.
    pub fn body_include(&self) -> Option<String> {
        let value = self.0.get(BODY_INCLUDE)?;
        value
            .as_str()
            .map_or_else(|| Some(value.to_string()), |text| Some(text.to_owned()))
    }

    /// Returns `executionMode`; `OnEnd` if there is none.
    pub fn execution_mode(&self) -> ExecutionMode {
        execution_mode(&self.0)
    }

    /// Returns `disabled`: whether the webhook is switched off. The service does so after ten failed runs in a row. An
    /// update with [`disabled(false)`](crate::WebhookEdit::disabled) switches it on again.
    pub fn is_disabled(&self) -> bool {
        self.0.flag(DISABLED).unwrap_or_default()
    }

    /// Returns `createdBy`, the person or program that created the webhook.
    pub fn created_by(&self) -> Option<&str> {
        self.0.text(CREATED_BY)
    }

    /// Returns `created`, the time of creation, as the service writes it (RFC 3339).
    pub fn created(&self) -> Option<&str> {
        self.0.text(CREATED)
    }

    /// Returns `tenantId`, the tenant of the webhook.
    pub fn tenant_id(&self) -> Option<&str> {
        self.0.text(TENANT_ID)
    }

    /// Returns `lastRuns`: the outcomes of the latest calls. The service does not document the form of a run, so members
    /// of another form are `None`.
    pub fn last_runs(&self) -> Vec<WebhookRun> {
        let runs = self.0.get(LAST_RUNS).and_then(Value::as_array);
        let objects = runs.into_iter().flatten().filter_map(Value::as_object);
        objects
            .map(|run| {
                let run = JsonObject(run.clone());
                WebhookRun {
                    timestamp: run.text("timestamp").map(str::to_owned),
                    success: run.flag("success"),
                    message: run.text("message").map(str::to_owned),
                }
            })
            .collect()
    }

    /// Returns the webhook as JSON, unknown members and the values of the headers included. It may contain credentials.
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    pub(crate) fn read(response: &ApiResponse<'_>) -> Result<Self, DecodeError> {
        Self::checked(response.object()?)
    }

    pub(crate) fn read_all(response: &ApiResponse<'_>) -> Result<Vec<Self>, DecodeError> {
        response.objects()?.into_iter().map(Self::checked).collect()
    }

    pub(crate) fn checked(object: JsonObject) -> Result<Self, DecodeError> {
        if object.required(ID)?.is_empty() {
            return Err(DecodeError::member(ID, "is empty"));
        }
        object.check_texts(&[
            LABEL,
            URI,
            METHOD,
            BODY,
            EXECUTION_MODE,
            CREATED_BY,
            CREATED,
            TENANT_ID,
        ])?;
        object.check_flags(&[DISABLED])?;
        let is_text_or_null = |value: &Value| value.is_string() || value.is_null();
        match object.get(HEADERS) {
            None => {}
            Some(Value::Object(headers)) if headers.values().all(is_text_or_null) => {}
            Some(_) => return Err(DecodeError::member(HEADERS, "is not an object of texts")),
        }
        match object.get(BODY_INCLUDE) {
            None | Some(Value::Object(_) | Value::String(_)) => Ok(Self(object)),
            Some(_) => Err(DecodeError::member(
                BODY_INCLUDE,
                "is not an object or text",
            )),
        }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Webhook");
        fields.field("id", &self.id());
        debug_fields(&self.0, &mut fields);
        fields.finish_non_exhaustive()
    }
}

/// The outcome of one call of a webhook. `Debug` leaves out the message.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookRun {
    /// `timestamp`: the time of the call, as the service writes it.
    pub timestamp: Option<String>,
    /// `success`: true if the call succeeded.
    pub success: Option<bool>,
    /// `message`: the service's words about the call. They may repeat the webhook's URL, or parts of the called site's
    /// response.
    pub message: Option<String>,
}

impl fmt::Debug for WebhookRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookRun")
            .field("timestamp", &self.timestamp)
            .field("success", &self.success)
            .finish_non_exhaustive()
    }
}
