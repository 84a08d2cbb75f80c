//! All webhooks of the tenant, and running them.

use std::mem;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::api::error::Problem;
use crate::api::generator::Mint;
use crate::api::webhooks::delivery::{Delivery, DeliveryOutcome, DeliveryTicket};
use crate::api::webhooks::webhook::Webhook;
use crate::api::webhooks::webhook_edit::WebhookEdit;

/// The webhooks in the order in which they were created.
pub(crate) struct Webhooks {
    list: Vec<Webhook>,
    mint: Mint,
    due: Vec<Delivery>,
    runs: u64,
}

impl Webhooks {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            list: Vec::new(),
            mint: Mint::new(seed, "webhook"),
            due: Vec::new(),
            runs: 0,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        self.list.iter().map(Webhook::to_json).collect()
    }

    pub(crate) fn get(&mut self, id: &str) -> Result<&mut Webhook, Problem> {
        let mut list = self.list.iter_mut();
        let found = list.find(|webhook| webhook.id() == id);
        found.ok_or(Problem::NoSuch("webhook"))
    }

    pub(crate) fn create(&mut self, tenant_id: &str, edit: WebhookEdit, now: Duration) -> &Webhook {
        let webhook = Webhook::new(self.mint.id(), tenant_id, edit, now);
        self.list.push(webhook);
        &self.list[self.list.len() - 1]
    }

    pub(crate) fn delete(&mut self, id: &str) -> Result<(), Problem> {
        let id = self.get(id)?.id().to_owned();
        self.list.retain(|webhook| webhook.id() != id);
        Ok(())
    }

    /// Runs every webhook that is enabled.
    pub(crate) fn run(&mut self, payload: &Map<String, Value>, now: Duration) {
        for webhook in self.list.iter_mut().filter(|webhook| webhook.is_enabled()) {
            match webhook.delivery(payload) {
                Some(delivery) => self.due.push(delivery),
                None => {
                    webhook.not_tried(now);
                    self.runs += 1;
                }
            }
        }
    }

    /// What is to be sent since the last call.
    pub(crate) fn take_due(&mut self) -> Vec<Delivery> {
        mem::take(&mut self.due)
    }

    /// A webhook that was deleted in the meantime has no runs to keep.
    pub(crate) fn ran(&mut self, ticket: &DeliveryTicket, outcome: DeliveryOutcome, now: Duration) {
        self.runs += 1;
        if let Ok(webhook) = self.get(&ticket.webhook_id) {
            webhook.ran(ticket, outcome, now);
        }
    }

    /// How many runs have ended.
    pub(crate) fn runs(&self) -> u64 {
        self.runs
    }
}
