//! `edge-oauth admin webhooks`: what is called when something is published.

mod describe;
mod edit;
mod value;

use clap::{Args, Subcommand};
use experience_edge_api::Webhook;

use crate::commands::admin::webhooks::describe::Shown;
use crate::commands::admin::webhooks::edit::{EditArgs, NewArgs};
use crate::commands::output::OutputArg;
use crate::consent::Consent;
use crate::edge::{Edge, EdgeArgs};
use crate::failure::Failure;
use crate::terminal;
use crate::text::harmless;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// List the webhooks
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Show one webhook, and how its latest runs went
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
    /// Change what is given of a webhook, leave the rest as it is, and show it
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
        consent: Consent,
    },
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    output: OutputArg,

    /// Print the whole URL of a webhook, what it sends (the values of its headers, its body), and the
    /// messages of its runs
    #[arg(long)]
    show_secrets: bool,
}

pub(super) fn run(edge: &EdgeArgs, action: Action) -> Result<(), Failure> {
    match action {
        Action::List { show } => {
            let edge = Edge::open(edge)?;
            show.all(&edge.call(&edge.api.webhooks())?)
        }
        Action::Get { id, show } => {
            let edge = Edge::open(edge)?;
            show.one(&get(&edge, &id)?)
        }
        Action::Create { new, show } => {
            let webhook = new.read()?;
            let edge = Edge::open(edge)?;
            match edge.call(&edge.api.create_webhook(&webhook)?)? {
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
            let edge = Edge::open(edge)?;
            let edited = edit.apply(get(&edge, &id)?.edit());
            edge.find(&edge.api.update_webhook(&id, &edited)?, LIST)?;
            show.one(&get(&edge, &id)?)
        }
        Action::Delete { id, consent } => {
            consent.check()?;
            let edge = Edge::open(edge)?;
            let operation = edge.api.delete_webhook(&id)?;
            consent.ask(&edge, || Ok(describe::loss(&get(&edge, &id)?)))?;
            edge.find(&operation, LIST)?;
            terminal::note("the webhook is deleted");
            Ok(())
        }
    }
}

fn get(edge: &Edge, id: &str) -> Result<Webhook, Failure> {
    edge.find(&edge.api.webhook(id)?, LIST)
}

impl ShowArgs {
    fn one(self, webhook: &Webhook) -> Result<(), Failure> {
        let shown = self.shown(webhook);
        self.answer(match self.output.is_json() {
            true => harmless(&format!("{}\n", shown.json())),
            false => shown.lines(),
        })
    }

    fn all(self, webhooks: &[Webhook]) -> Result<(), Failure> {
        let shown: Vec<_> = webhooks.iter().map(|webhook| self.shown(webhook)).collect();
        if self.output.is_json() {
            let json: serde_json::Value = shown.iter().map(Shown::json).collect();
            return self.answer(harmless(&format!("{json}\n")));
        }
        if shown.is_empty() {
            terminal::note("no webhook");
        }
        self.answer(describe::table(&shown))
    }

    fn shown(self, webhook: &Webhook) -> Shown<'_> {
        Shown::new(webhook, self.show_secrets)
    }

    fn answer(self, text: String) -> Result<(), Failure> {
        if self.show_secrets && terminal::shows_answers() {
            terminal::warning("what is printed here holds the credentials that webhooks send");
        }
        Ok(terminal::answer(text)?)
    }
}

const ID: &str = "Id of the webhook, as `edge-oauth admin webhooks list` shows it";
const LIST: &str = "edge-oauth admin webhooks list, which shows the ids";
