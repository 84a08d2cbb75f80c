//! The options that create or change a webhook.

use clap::{Args, ValueEnum};
use experience_edge_api::{ExecutionMode, WebhookEdit};
use http::Method;
use zeroize::Zeroizing;

use crate::error::CliError;
use crate::input::value;

#[derive(Args, Debug)]
#[command(after_help = VALUES)]
pub(crate) struct NewArgs {
    /// Label for people
    #[arg(long)]
    label: String,

    /// URL to call: an https URL, or @FILE
    #[arg(long)]
    uri: String,

    /// Name of the creator
    #[arg(long, value_name = "NAME", default_value = "edge-oauth")]
    created_by: String,

    /// Create it without turning it on
    #[arg(long)]
    disabled: bool,

    #[command(flatten)]
    sends: SendsArgs,
}

#[derive(Args, Debug)]
#[command(after_help = VALUES)]
pub(crate) struct EditArgs {
    /// Label for people
    #[arg(long)]
    label: Option<String>,

    /// URL to call: an https URL, or @FILE
    #[arg(long)]
    uri: Option<String>,

    /// Stop sending this header; may be repeated
    #[arg(long, value_name = "NAME")]
    remove_header: Vec<String>,

    /// Turn it on, such as after ten failed runs turned it off
    #[arg(long, conflicts_with = "disable")]
    enable: bool,

    /// Turn it off
    #[arg(long)]
    disable: bool,

    #[command(flatten)]
    sends: SendsArgs,
}

/// The trigger and the request of a webhook.
#[derive(Args, Debug)]
struct SendsArgs {
    /// Method of the call [default of a new one: POST]
    #[arg(long)]
    method: Option<MethodArg>,

    /// Time of the call [default of a new one: on-end]
    #[arg(long)]
    mode: Option<Mode>,

    /// Header to send, as `Name: value` or @FILE; may be repeated
    #[arg(long, value_name = "HEADER")]
    header: Vec<String>,

    /// Text to send, or @FILE, for the mode on-end; an empty text sends no body
    #[arg(long = "body", value_name = "TEXT")]
    webhook_body: Option<String>,

    /// JSON object with members to add to the request, or @FILE, for the mode on-update; an empty text adds none
    #[arg(long, value_name = "JSON")]
    body_include: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
enum MethodArg {
    Get,
    Post,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// Once, at the end of each publishing job
    OnEnd,
    /// During a publishing job, with the updated items
    OnUpdate,
}

impl NewArgs {
    pub(super) fn read(&self) -> Result<WebhookEdit, CliError> {
        let uri = value::read("--uri", &self.uri)?;
        let webhook = WebhookEdit::new(&self.label, uri.as_str())
            .created_by(&self.created_by)
            .disabled(self.disabled);
        Ok(self.sends.read()?.apply(webhook))
    }
}

impl EditArgs {
    pub(super) fn read(self) -> Result<Edit, CliError> {
        let uri = self.uri.as_deref().map(|uri| value::read("--uri", uri));
        Ok(Edit {
            uri: uri.transpose()?,
            sends: self.sends.read()?,
            given: self,
        })
    }
}

/// A change, with its files read.
pub(super) struct Edit {
    given: EditArgs,
    uri: Option<Zeroizing<String>>,
    sends: Sends,
}

impl Edit {
    pub(super) fn apply(self, mut webhook: WebhookEdit) -> WebhookEdit {
        if let Some(label) = self.given.label {
            webhook = webhook.label(label);
        }
        if let Some(uri) = self.uri {
            webhook = webhook.uri(uri.as_str());
        }
        for name in self.given.remove_header {
            webhook = webhook.without_header(&name);
        }
        if self.given.enable || self.given.disable {
            webhook = webhook.disabled(self.given.disable);
        }
        self.sends.apply(webhook)
    }
}

struct Sends {
    method: Option<MethodArg>,
    mode: Option<Mode>,
    headers: Vec<(String, Zeroizing<String>)>,
    body: Option<Zeroizing<String>>,
    body_include: Option<Zeroizing<String>>,
}

impl SendsArgs {
    fn read(&self) -> Result<Sends, CliError> {
        let read = |option, given: &Option<String>| {
            let read = given.as_deref().map(|given| value::read(option, given));
            read.transpose()
        };
        Ok(Sends {
            method: self.method,
            mode: self.mode,
            headers: value::headers(&self.header)?,
            body: read("--body", &self.webhook_body)?,
            body_include: read("--body-include", &self.body_include)?,
        })
    }
}

impl Sends {
    fn apply(self, mut webhook: WebhookEdit) -> WebhookEdit {
        if let Some(method) = self.method {
            webhook = webhook.method(match method {
                MethodArg::Get => Method::GET,
                MethodArg::Post => Method::POST,
            });
        }
        if let Some(mode) = self.mode {
            webhook = webhook.execution_mode(match mode {
                Mode::OnEnd => ExecutionMode::OnEnd,
                Mode::OnUpdate => ExecutionMode::OnUpdate,
            });
        }
        for (name, value) in self.headers {
            webhook = webhook.header(&name, value.as_str());
        }
        match self.body.as_deref().map(String::as_str) {
            None => {}
            Some("") => webhook = webhook.without_body(),
            Some(body) => webhook = webhook.body(body),
        }
        match self.body_include.as_deref().map(String::as_str) {
            None => {}
            Some("") => webhook = webhook.without_body_include(),
            Some(json) => webhook = webhook.body_include(json),
        }
        webhook
    }
}

const VALUES: &str = "\
A credential is no argument, since everyone on the machine sees those. @FILE takes a value from
a file, @- from standard input:

  printf 'authorization: Bearer %s' \"$SECRET\" | edge-oauth admin webhooks create --header @- ...";
