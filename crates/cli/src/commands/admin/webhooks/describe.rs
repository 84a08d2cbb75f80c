//! The description of a webhook, for people and for scripts. A webhook's request often contains credentials of the
//! site that it calls, so they are omitted by default.

use experience_edge_api::Webhook;
use serde_json::{Map, Value};

use crate::output::table::Table;
use crate::output::text::{Lines, shown};

/// A webhook to print.
pub(super) struct Shown<'a> {
    webhook: &'a Webhook,
    secrets: bool,
}

impl<'a> Shown<'a> {
    pub(super) fn new(webhook: &'a Webhook, secrets: bool) -> Self {
        Self { webhook, secrets }
    }

    /// Returns the webhook as JSON, with the service's names.
    pub(super) fn json(&self) -> Value {
        let json = self.webhook.to_json();
        let mut members: Map<String, Value> = serde_json::from_str(&json).unwrap_or_default();
        if !self.secrets {
            for (name, value) in &mut members {
                self.redact(name, value);
            }
        }
        members.into()
    }

    pub(super) fn lines(&self) -> String {
        let webhook = self.webhook;
        let mut lines = Lines::default();
        let mut line = |name: &str, text: &str| lines.line(name, shown(text, LONGEST));
        line("id", webhook.id());
        line("label", webhook.label());
        line("uri", &self.uri());
        line("method", webhook.method().unwrap_or_default());
        line("mode", webhook.execution_mode().as_str());
        line("state", self.state());
        for (name, value) in webhook.headers() {
            line("header", &format!("{name}: {}", self.or_redacted(value)));
        }
        if let Some(body) = webhook.body().filter(|body| !body.is_empty()) {
            line("body", self.or_redacted(body));
        }
        if let Some(json) = webhook.body_include() {
            line("bodyInclude", self.or_redacted(&json));
        }
        line("created", webhook.created().unwrap_or_default());
        line("by", webhook.created_by().unwrap_or_default());
        for run in webhook.last_runs() {
            let at = run.timestamp.unwrap_or_default();
            let message = run.message.unwrap_or_default();
            let message = match message.is_empty() {
                true => "",
                false => self.or_redacted(&message),
            };
            line("run", &format!("{at} {} {message}", went(run.success)));
        }
        lines.finish()
    }

    /// Returns the URL: only scheme, host and port, unless secrets are wanted. A path is the secret of most deploy
    /// hooks, and a query or user information may be a credential too.
    fn uri(&self) -> String {
        let uri = self.webhook.uri();
        if self.secrets {
            return uri.to_owned();
        }
        let Some((scheme, rest)) = uri.split_once("://") else {
            return REDACTED.to_owned();
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, host) = match authority.rsplit_once('@') {
            Some((_, host)) => (REDACTED, host),
            None => ("", authority),
        };
        let at = if user.is_empty() { "" } else { "@" };
        let path = match path {
            "" | "/" => path.to_owned(),
            _ => format!("/{REDACTED}"),
        };
        format!("{scheme}://{user}{at}{host}{path}")
    }

    fn state(&self) -> &'static str {
        match self.webhook.is_disabled() {
            true => "disabled",
            false => "enabled",
        }
    }

    fn or_redacted<'t>(&self, text: &'t str) -> &'t str {
        if self.secrets { text } else { REDACTED }
    }

    fn redact(&self, name: &str, value: &mut Value) {
        match (name.to_ascii_lowercase().as_str(), value) {
            ("headers", Value::Object(headers)) => {
                headers
                    .values_mut()
                    .for_each(|value| *value = REDACTED.into());
            }
            ("uri", value) => *value = self.uri().into(),
            ("lastruns", Value::Array(runs)) => {
                let members = runs.iter_mut().filter_map(Value::as_object_mut).flatten();
                members
                    .filter(|(name, _)| name.eq_ignore_ascii_case("message"))
                    .filter(|(_, message)| !matches!(message, Value::Null))
                    .filter(|(_, message)| message.as_str() != Some(""))
                    .for_each(|(_, message)| *message = REDACTED.into());
            }
            (_, Value::Null) => {}
            ("body", Value::String(body)) if body.is_empty() => {}
            ("headers" | "body" | "bodyinclude", value) => *value = REDACTED.into(),
            _ => {}
        }
    }
}

pub(super) fn table(webhooks: &[Shown<'_>]) -> String {
    let mut table = Table::new(["ID", "LABEL", "STATE", "MODE", "LAST RUN", "URI"]);
    for shown in webhooks {
        let last = shown.webhook.last_runs().into_iter().next();
        table.row([
            shown.webhook.id(),
            shown.webhook.label(),
            shown.state(),
            shown.webhook.execution_mode().as_str(),
            last.map_or("", |run| went(run.success)),
            &shown.uri(),
        ]);
    }
    table.finish()
}

/// Returns the text for the question before a webhook is deleted.
pub(super) fn loss(webhook: &Webhook) -> String {
    let (id, label) = (webhook.id(), webhook.label());
    let (id, label) = (shown(id, LONGEST), shown(label, LONGEST));
    format!("The webhook {id}, {label:?}, is deleted.")
}

fn went(success: Option<bool>) -> &'static str {
    match success {
        Some(true) => "ok",
        Some(false) => "failed",
        None => "",
    }
}

const LONGEST: usize = 1024;
const REDACTED: &str = "[redacted]";
