//! All webhooks of the tenant, and their runs.

use std::mem;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::api::error::ApiError;
use crate::api::generator::Generator;
use crate::api::webhooks::delivery::{Delivery, DeliveryOutcome, PendingDelivery};
use crate::api::webhooks::webhook::Webhook;
use crate::api::webhooks::webhook_edit::WebhookEdit;

/// The webhooks in the order of their creation.
pub(crate) struct WebhookList {
    list: Vec<Webhook>,
    ids: Generator,
    pending: Vec<Delivery>,
    runs: u64,
}

impl WebhookList {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            list: Vec::new(),
            ids: Generator::new(seed, "webhook"),
            pending: Vec::new(),
            runs: 0,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        self.list.iter().map(Webhook::to_json).collect()
    }

    pub(crate) fn get(&mut self, id: &str) -> Result<&mut Webhook, ApiError> {
        let mut list = self.list.iter_mut();
        let found = list.find(|webhook| webhook.id() == id);
        found.ok_or(ApiError::NotFound("webhook"))
    }

    pub(crate) fn create(&mut self, tenant_id: &str, edit: WebhookEdit, now: Duration) -> &Webhook {
        let webhook = Webhook::new(self.ids.uuid(), tenant_id, edit, now);
        self.list.push(webhook);
        &self.list[self.list.len() - 1]
    }

    pub(crate) fn delete(&mut self, id: &str) -> Result<(), ApiError> {
        let id = self.get(id)?.id().to_owned();
        self.list.retain(|webhook| webhook.id() != id);
        Ok(())
    }

    /// Runs every enabled webhook.
    pub(crate) fn run(&mut self, payload: &Map<String, Value>, now: Duration) {
        for webhook in self.list.iter_mut().filter(|webhook| webhook.is_enabled()) {
            match webhook.delivery(payload) {
                Some(delivery) => self.pending.push(delivery),
                None => {
                    webhook.record_skipped(now);
                    self.runs += 1;
                }
            }
        }
    }

    /// Returns the deliveries since the last call.
    pub(crate) fn take_pending(&mut self) -> Vec<Delivery> {
        mem::take(&mut self.pending)
    }

    /// A webhook that was deleted meanwhile has no list of runs.
    pub(crate) fn record_run(
        &mut self,
        delivery: &PendingDelivery,
        outcome: DeliveryOutcome,
        now: Duration,
    ) {
        self.runs += 1;
        if let Ok(webhook) = self.get(&delivery.webhook_id) {
            webhook.record_run(delivery, outcome, now);
        }
    }

    /// Returns the number of runs that have ended.
    pub(crate) fn runs(&self) -> u64 {
        self.runs
    }
}
