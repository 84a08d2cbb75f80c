//! The members of a webhook's JSON: their names, and how some of them are read.

use std::fmt;

use http::Uri;
use serde_json::Value;

use crate::http::json_object::JsonObject;
use crate::webhooks::execution_mode::ExecutionMode;

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

pub(crate) fn headers(webhook: &JsonObject) -> impl Iterator<Item = (&str, &str)> {
    let headers = webhook.get(HEADERS).and_then(Value::as_object);
    let headers = headers.into_iter().flatten();
    headers.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
}

pub(crate) fn execution_mode(webhook: &JsonObject) -> ExecutionMode {
    let mode = webhook.text(EXECUTION_MODE);
    mode.map(ExecutionMode::from).unwrap_or_default()
}

/// Adds to `Debug` what is safe to print of a webhook: no value of a header, no body, and of the URL the host only.
pub(crate) fn debug_fields(webhook: &JsonObject, fields: &mut fmt::DebugStruct<'_, '_>) {
    let uri = webhook.text(URI).and_then(|uri| uri.parse::<Uri>().ok());
    let names: Vec<_> = headers(webhook).map(|(name, _)| name).collect();
    fields
        .field("label", &webhook.text(LABEL).unwrap_or_default())
        .field("host", &uri.as_ref().and_then(Uri::host))
        .field("headers", &names)
        .field("execution_mode", &execution_mode(webhook))
        .field("disabled", &webhook.flag(DISABLED).unwrap_or_default());
}
