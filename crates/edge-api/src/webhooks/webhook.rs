//! A webhook as the service has it.

use std::fmt;

use http::Uri;
use serde_json::Value;

use crate::http::decode_error::Wrong;
use crate::http::json_object::Object;
use crate::http::response::Answer;
use crate::webhooks::execution_mode::ExecutionMode;

/// A webhook as the service has it. What is not known here is kept.
///
/// Its headers, its body and its URL's path often carry credentials of the site that is called: of
/// these, `Debug` shows the headers' names and the URL's host only.
#[derive(Clone, PartialEq)]
pub struct Webhook(pub(crate) Object);

impl Webhook {
    /// `id`: what the service calls it.
    pub fn id(&self) -> &str {
        self.0.text(ID).unwrap_or_default()
    }

    /// `label`: what people call it.
    pub fn label(&self) -> &str {
        self.0.text(LABEL).unwrap_or_default()
    }

    /// `uri`: what it calls.
    pub fn uri(&self) -> &str {
        self.0.text(URI).unwrap_or_default()
    }

    /// `method`: `GET` or `POST`.
    pub fn method(&self) -> Option<&str> {
        self.0.text(METHOD)
    }

    /// `headers`: names and values of what it sends.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        headers(&self.0)
    }

    /// `body`: what it sends, where its mode is `OnEnd`.
    pub fn body(&self) -> Option<&str> {
        self.0.text(BODY)
    }

    /// `bodyInclude`: the JSON object whose members it adds to what it sends, where its mode is
    /// `OnUpdate`.
    pub fn body_include(&self) -> Option<String> {
        let value = self.0.get(BODY_INCLUDE)?;
        value
            .as_str()
            .map_or_else(|| Some(value.to_string()), |text| Some(text.to_owned()))
    }

    /// `executionMode`: when it is called.
    pub fn execution_mode(&self) -> ExecutionMode {
        execution_mode(&self.0)
    }

    /// `disabled`: whether it is off, such as after ten failed runs in a row. An update with
    /// [`disabled(false)`](crate::WebhookEdit::disabled) turns it on again.
    pub fn is_disabled(&self) -> bool {
        self.0.flag(DISABLED).unwrap_or_default()
    }

    /// `createdBy`: who made it.
    pub fn created_by(&self) -> Option<&str> {
        self.0.text(CREATED_BY)
    }

    /// `created`: when it was made, in the service's words (RFC 3339).
    pub fn created(&self) -> Option<&str> {
        self.0.text(CREATED)
    }

    /// `tenantId`: whose it is.
    pub fn tenant_id(&self) -> Option<&str> {
        self.0.text(TENANT_ID)
    }

    /// `lastRuns`: how the latest calls went. Its form is not documented: what is not understood is
    /// left out.
    pub fn last_runs(&self) -> Vec<Run> {
        let runs = self.0.get(LAST_RUNS).and_then(Value::as_array);
        let objects = runs.into_iter().flatten().filter_map(Value::as_object);
        objects
            .map(|run| {
                let run = Object(run.clone());
                Run {
                    timestamp: run.text("timestamp").map(str::to_owned),
                    success: run.flag("success"),
                    message: run.text("message").map(str::to_owned),
                }
            })
            .collect()
    }

    /// All of it as JSON, what is not known here and the values of the headers included.
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    pub(crate) fn read(answer: &Answer<'_>) -> Result<Self, Wrong> {
        Self::checked(answer.object()?)
    }

    pub(crate) fn read_all(answer: &Answer<'_>) -> Result<Vec<Self>, Wrong> {
        answer.objects()?.into_iter().map(Self::checked).collect()
    }

    pub(crate) fn checked(object: Object) -> Result<Self, Wrong> {
        if object.required(ID)?.is_empty() {
            return Err(Wrong::member(ID, "is empty"));
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
        match object.get(HEADERS) {
            None => {}
            Some(Value::Object(headers)) if headers.values().all(Value::is_string) => {}
            Some(_) => return Err(Wrong::member(HEADERS, "is not an object of texts")),
        }
        match object.get(BODY_INCLUDE) {
            None | Some(Value::Object(_) | Value::String(_)) => Ok(Self(object)),
            Some(_) => Err(Wrong::member(BODY_INCLUDE, "is neither an object nor text")),
        }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Webhook");
        shown.field("id", &self.id());
        show(&self.0, &mut shown);
        shown.finish_non_exhaustive()
    }
}

/// One call of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Run {
    /// When, in the service's words.
    pub timestamp: Option<String>,
    /// Whether it went well.
    pub success: Option<bool>,
    /// What the service says about it.
    pub message: Option<String>,
}

/// What may be printed of a webhook, or of a change of one.
pub(crate) fn show(object: &Object, shown: &mut fmt::DebugStruct<'_, '_>) {
    let uri = object.text(URI).and_then(|uri| uri.parse::<Uri>().ok());
    let names: Vec<_> = headers(object).map(|(name, _)| name).collect();
    shown
        .field("label", &object.text(LABEL).unwrap_or_default())
        .field("host", &uri.as_ref().and_then(Uri::host))
        .field("headers", &names)
        .field("execution_mode", &execution_mode(object))
        .field("disabled", &object.flag(DISABLED).unwrap_or_default());
}

pub(crate) fn headers(object: &Object) -> impl Iterator<Item = (&str, &str)> {
    let headers = object.get(HEADERS).and_then(Value::as_object);
    let headers = headers.into_iter().flatten();
    headers.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
}

pub(crate) fn execution_mode(object: &Object) -> ExecutionMode {
    let mode = object.text(EXECUTION_MODE);
    mode.map(ExecutionMode::from).unwrap_or_default()
}

pub(crate) const ID: &str = "id";
pub(crate) const LABEL: &str = "label";
pub(crate) const URI: &str = "uri";
pub(crate) const METHOD: &str = "method";
pub(crate) const HEADERS: &str = "headers";
pub(crate) const BODY: &str = "body";
pub(crate) const BODY_INCLUDE: &str = "bodyInclude";
pub(crate) const CREATED_BY: &str = "createdBy";
pub(crate) const EXECUTION_MODE: &str = "executionMode";
pub(crate) const DISABLED: &str = "disabled";
pub(crate) const CREATED: &str = "created";
pub(crate) const TENANT_ID: &str = "tenantId";
pub(crate) const LAST_RUNS: &str = "lastRuns";
