//! A webhook to create, or an edit of a webhook.

use std::fmt;

use http::Method;
use serde_json::Value;

use crate::http::json_object::JsonObject;
use crate::webhooks::execution_mode::ExecutionMode;
use crate::webhooks::members::{
    BODY, BODY_INCLUDE, CREATED, CREATED_BY, DISABLED, EXECUTION_MODE, HEADERS, ID, LABEL,
    LAST_RUNS, METHOD, TENANT_ID, URI, debug_fields,
};
use crate::webhooks::webhook::Webhook;

/// A webhook to create, or an edit of a webhook. An update replaces the whole webhook, so begin an edit with
/// [`Webhook::edit`](crate::Webhook::edit).
///
/// The setters accept any value. [`create_webhook`](crate::ExperienceEdge::create_webhook) and
/// [`update_webhook`](crate::ExperienceEdge::update_webhook) check them. `Debug` prints the label, the URL's host, the
/// names of the headers, the mode and the state only.
///
/// ```
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::{ExperienceEdge, WebhookEdit};
///
/// let edge = ExperienceEdge::new();
/// let webhook = WebhookEdit::new("Revalidate the site", "https://www.example.com/api/revalidate")
///     .header("x-revalidate", "s3cret")
///     .created_by("deployment");
/// let request = edge.create_webhook(&webhook)?.request();
/// assert_eq!(request.uri().path(), "/api/admin/v1/webhooks");
///
/// let insecure = WebhookEdit::new("Revalidate", "http://www.example.com/");
/// assert_eq!(edge.create_webhook(&insecure).unwrap_err().field(), "uri");
/// # Ok::<_, experience_edge_api::InputError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct WebhookEdit {
    pub(crate) webhook: JsonObject,
    /// The webhook before the edit, which the service accepted. Empty for a webhook to create.
    pub(crate) original: JsonObject,
}

impl Webhook {
    /// Returns an edit of this webhook. It has all members of the webhook, unknown members included, except those that
    /// the service sets.
    pub fn edit(&self) -> WebhookEdit {
        let mut webhook = self.0.clone();
        for name in [ID, TENANT_ID, CREATED, LAST_RUNS] {
            webhook.remove(name);
        }
        WebhookEdit {
            original: webhook.clone(),
            webhook,
        }
    }
}

impl WebhookEdit {
    /// Returns a webhook that sends a POST to this URL at the end of each publishing job.
    pub fn new(label: impl Into<String>, uri: impl Into<String>) -> Self {
        let (webhook, original) = Default::default();
        Self { webhook, original }
            .execution_mode(ExecutionMode::OnEnd)
            .label(label)
            .method(Method::POST)
            .uri(uri)
    }

    /// Sets the name for people. It must not be empty.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        self.with(LABEL, label.into())
    }

    /// Sets the URL to call. It must be `https`; if the API itself is on the loopback, `http` on the loopback is
    /// accepted too.
    #[must_use]
    pub fn uri(self, uri: impl Into<String>) -> Self {
        self.with(URI, uri.into())
    }

    /// Sets the method: `GET` or `POST`. `GET` is for the mode `OnEnd` only.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        self.with(METHOD, method.as_str())
    }

    /// Sets a header to send. It replaces a header of the same name.
    #[must_use]
    pub fn header(self, name: &str, value: impl Into<String>) -> Self {
        let mut headers = self.headers();
        headers.set(name, value.into());
        self.with(HEADERS, headers.0)
    }

    /// Removes a header.
    #[must_use]
    pub fn without_header(self, name: &str) -> Self {
        let mut headers = self.headers();
        headers.remove(name);
        self.with(HEADERS, headers.0)
    }

    /// Sets the body to send. For the mode `OnEnd` only.
    #[must_use]
    pub fn body(self, body: impl Into<String>) -> Self {
        self.with(BODY, body.into())
    }

    /// Removes the body.
    #[must_use]
    pub fn without_body(mut self) -> Self {
        self.webhook.remove(BODY);
        self
    }

    /// Sets a JSON object with members to add to the payload. For the mode `OnUpdate` only.
    #[must_use]
    pub fn body_include(self, json: impl Into<String>) -> Self {
        self.with(BODY_INCLUDE, json.into())
    }

    /// Removes the members to add to the payload.
    #[must_use]
    pub fn without_body_include(mut self) -> Self {
        self.webhook.remove(BODY_INCLUDE);
        self
    }

    /// Sets the person or program that creates the webhook.
    #[must_use]
    pub fn created_by(self, name: impl Into<String>) -> Self {
        self.with(CREATED_BY, name.into())
    }

    /// Sets when the webhook is called.
    #[must_use]
    pub fn execution_mode(self, mode: ExecutionMode) -> Self {
        self.with(EXECUTION_MODE, mode.as_str())
    }

    /// Sets whether the webhook is switched off.
    #[must_use]
    pub fn disabled(self, disabled: bool) -> Self {
        self.with(DISABLED, disabled)
    }

    fn headers(&self) -> JsonObject {
        match self.webhook.get(HEADERS) {
            Some(Value::Object(headers)) => JsonObject(headers.clone()),
            _ => JsonObject::default(),
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.webhook.set(name, value);
        self
    }
}

impl fmt::Debug for WebhookEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("WebhookEdit");
        debug_fields(&self.webhook, &mut fields);
        fields.finish_non_exhaustive()
    }
}
