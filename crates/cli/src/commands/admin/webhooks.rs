//! `edge-oauth admin webhooks`: calls on publishing.

mod describe;
mod edit;

use clap::{Args, Subcommand};
use experience_edge_api::Webhook;

use crate::api_client::{ApiArgs, ApiClient};
use crate::commands::admin::webhooks::describe::Shown;
use crate::commands::admin::webhooks::edit::{EditArgs, NewArgs};
use crate::commands::output_format::OutputArg;
use crate::confirm::Confirm;
use crate::error::CliError;
use crate::output::terminal;
use crate::output::text::json_line;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// List the webhooks
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Show a webhook and the results of its latest runs
    Get {
        #[arg(help = ID)]
        id: String,

        #[command(flatten)]
        show: ShowArgs,
    },
    /// Create a webhook, and show it
    Create {
        #[command(flatten)]
        new: NewArgs,

        #[command(flatten)]
        show: ShowArgs,
    },
    /// Change the given values of a webhook, leave all others as they are, and show it
    Update {
        #[arg(help = ID)]
        id: String,

        #[command(flatten)]
        edit: EditArgs,

        #[command(flatten)]
        show: ShowArgs,
    },
    /// Delete a webhook
    Delete {
        #[arg(help = ID)]
        id: String,

        #[command(flatten)]
        confirm: Confirm,
    },
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    output: OutputArg,

    /// Print all of a webhook: its URL, the values of its headers, its body, and the messages of its runs
    #[arg(long)]
    show_secrets: bool,
}

pub(super) fn run(api: &ApiArgs, action: Action) -> Result<(), CliError> {
    match action {
        Action::List { show } => {
            let api = ApiClient::open(api)?;
            show.all(&api.call(&api.operations.webhooks())?)
        }
        Action::Get { id, show } => {
            let api = ApiClient::open(api)?;
            show.one(&get(&api, &id)?)
        }
        Action::Create { new, show } => {
            let webhook = new.read()?;
            let api = ApiClient::open(api)?;
            match api.call(&api.operations.create_webhook(&webhook)?)? {
                Some(webhook) => show.one(&webhook),
                None => {
                    terminal::note(
                        "the webhook is created; `edge-oauth admin webhooks list` has its id",
                    );
                    Ok(())
                }
            }
        }
        Action::Update { id, edit, show } => {
            let edit = edit.read()?;
            let api = ApiClient::open(api)?;
            let edited = edit.apply(get(&api, &id)?.edit());
            api.find(&api.operations.update_webhook(&id, &edited)?, LIST)?;
            show.one(&get(&api, &id)?)
        }
        Action::Delete { id, confirm } => {
            confirm.check()?;
            let api = ApiClient::open(api)?;
            let operation = api.operations.delete_webhook(&id)?;
            confirm.ask(&api, || Ok(describe::loss(&get(&api, &id)?)))?;
            api.find(&operation, LIST)?;
            terminal::note("the webhook is deleted");
            Ok(())
        }
    }
}

fn get(api: &ApiClient, id: &str) -> Result<Webhook, CliError> {
    api.find(&api.operations.webhook(id)?, LIST)
}

impl ShowArgs {
    fn one(self, webhook: &Webhook) -> Result<(), CliError> {
        let shown = self.shown(webhook);
        self.response(match self.output.is_json() {
            true => json_line(&shown.json()),
            false => shown.lines(),
        })
    }

    fn all(self, webhooks: &[Webhook]) -> Result<(), CliError> {
        let shown: Vec<_> = webhooks.iter().map(|webhook| self.shown(webhook)).collect();
        if self.output.is_json() {
            let json: serde_json::Value = shown.iter().map(Shown::json).collect();
            return self.response(json_line(&json));
        }
        if shown.is_empty() {
            terminal::note("no webhook");
        }
        self.response(describe::table(&shown))
    }

    fn shown(self, webhook: &Webhook) -> Shown<'_> {
        Shown::new(webhook, self.show_secrets)
    }

    fn response(self, text: String) -> Result<(), CliError> {
        if self.show_secrets && terminal::is_shown_to_person() {
            terminal::warning("this output contains the credentials that webhooks send");
        }
        Ok(terminal::print(text)?)
    }
}

const ID: &str = "Id of the webhook, as `edge-oauth admin webhooks list` shows it";
const LIST: &str = "run edge-oauth admin webhooks list, which shows the ids";
