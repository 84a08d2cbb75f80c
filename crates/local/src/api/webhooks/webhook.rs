//! One webhook: its configuration and its last runs.

use std::collections::VecDeque;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request};
use serde_json::{Map, Value, json};

use crate::api::timestamp;
use crate::api::webhooks::delivery::{Delivery, DeliveryOutcome, PendingDelivery};
use crate::api::webhooks::webhook_edit::{WebhookBody, WebhookEdit};
use crate::http::loopback;

pub(crate) struct Webhook {
    id: String,
    tenant_id: String,
    created: Duration,
    edit: WebhookEdit,
    /// Incremented by each edit.
    version: u64,
    disabled: bool,
    failures_in_a_row: u32,
    /// The newest run first.
    runs: VecDeque<Run>,
}

struct Run {
    at: Duration,
    /// `None` is a success.
    failure: Option<String>,
}

impl Webhook {
    pub(crate) fn new(id: String, tenant_id: &str, edit: WebhookEdit, now: Duration) -> Self {
        Self {
            id,
            tenant_id: tenant_id.to_owned(),
            created: now,
            disabled: edit.disabled.unwrap_or(false),
            edit,
            version: 0,
            failures_in_a_row: 0,
            runs: VecDeque::new(),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn is_enabled(&self) -> bool {
        !self.disabled
    }

    /// Replaces the configuration. If an edit does not mention `disabled`, the webhook keeps its state.
    pub(crate) fn update(&mut self, edit: WebhookEdit) {
        self.disabled = edit.disabled.unwrap_or(self.disabled);
        if edit.disabled == Some(false) {
            self.failures_in_a_row = 0;
        }
        self.edit = edit;
        self.version += 1;
    }

    pub(crate) fn to_json(&self) -> Value {
        let runs: Vec<_> = self.runs.iter().map(Run::to_json).collect();
        let mut shown = self.edit.shown.clone();
        for (name, value) in [
            ("id", json!(self.id)),
            ("tenantId", json!(self.tenant_id)),
            ("created", json!(timestamp::rfc3339(self.created))),
            ("disabled", json!(self.disabled)),
            ("lastRuns", json!(runs)),
        ] {
            shown.insert(name.to_owned(), value);
        }
        Value::Object(shown)
    }

    /// Returns the request of a run, or `None` if it would leave the loopback.
    pub(crate) fn delivery(&self, payload: &Map<String, Value>) -> Option<Delivery> {
        if loopback::addresses(&self.edit.uri).is_empty() {
            return None;
        }
        let body = match &self.edit.body {
            WebhookBody::OnEnd(body) => body.clone().unwrap_or_default(),
            WebhookBody::OnUpdate(include) => {
                // A member of the payload takes precedence.
                let mut body = include.clone();
                body.extend(payload.clone());
                Value::Object(body).to_string()
            }
        };
        let mut headers = self.edit.headers.clone();
        if !body.is_empty() {
            let json = HeaderValue::from_static("application/json");
            headers.entry(CONTENT_TYPE).or_insert(json);
        }
        let mut request = Request::new(body.into_bytes());
        *request.method_mut() = self.edit.method.clone();
        *request.uri_mut() = self.edit.uri.clone();
        *request.headers_mut() = headers;
        Some(Delivery {
            pending: PendingDelivery {
                webhook_id: self.id.clone(),
                version: self.version,
            },
            request,
        })
    }

    /// Records a run that was not tried, since it would leave the loopback. It does not count towards disabling the
    /// webhook: the receiver did nothing wrong.
    pub(crate) fn record_skipped(&mut self, now: Duration) {
        self.push_run(now, Some(SKIPPED.to_owned()));
    }

    /// A run of an earlier revision is listed, but does not count for the current one.
    pub(crate) fn record_run(
        &mut self,
        delivery: &PendingDelivery,
        outcome: DeliveryOutcome,
        now: Duration,
    ) {
        if delivery.version == self.version {
            self.failures_in_a_row = match outcome.is_success() {
                true => 0,
                false => self.failures_in_a_row.saturating_add(1),
            };
        }
        let mut failure = (!outcome.is_success()).then(|| outcome.to_string());
        if self.failures_in_a_row >= MAX_FAILURES && !self.disabled {
            self.disabled = true;
            failure = Some(DISABLED.to_owned());
        }
        self.push_run(now, failure);
    }

    fn push_run(&mut self, at: Duration, failure: Option<String>) {
        self.runs.push_front(Run { at, failure });
        self.runs.truncate(MAX_RUNS);
    }
}

impl Run {
    fn to_json(&self) -> Value {
        let mut shown = json!({
            "timestamp": timestamp::rfc3339(self.at),
            "success": self.failure.is_none(),
        });
        if let Some(failure) = &self.failure {
            shown["message"] = json!(failure);
        }
        shown
    }
}

const MAX_FAILURES: u32 = 10;
const MAX_RUNS: usize = 50;
/// The words of the real service.
const DISABLED: &str =
    "The webhook has failed the past 10 consecutive executions and is now disabled";
const SKIPPED: &str = "the local Edge delivers to the loopback only";
