//! `edge-oauth admin`: settings, cache, content and webhooks of Experience Edge.

mod cache;
mod content;
mod settings;
mod webhooks;

use clap::{Args, Subcommand};

use crate::api_client::ApiArgs;
use crate::error::CliError;

#[derive(Args, Debug)]
pub(crate) struct AdminArgs {
    #[command(subcommand)]
    noun: Noun,

    #[command(flatten)]
    api: ApiArgs,
}

#[derive(Debug, Subcommand)]
enum Noun {
    /// The cache settings of the tenant
    #[command(subcommand)]
    Settings(settings::Action),
    /// The cache of the tenant
    #[command(subcommand)]
    Cache(cache::Action),
    /// The published content of the tenant
    #[command(subcommand)]
    Content(content::Action),
    /// Calls to your URLs when content is published
    #[command(subcommand)]
    Webhooks(webhooks::Action),
}

pub(crate) fn run(args: AdminArgs) -> Result<(), CliError> {
    let api = args.api;
    match args.noun {
        Noun::Settings(action) => settings::run(&api, action),
        Noun::Cache(action) => cache::run(&api, action),
        Noun::Content(action) => content::run(&api, action),
        Noun::Webhooks(action) => webhooks::run(&api, action),
    }
}
