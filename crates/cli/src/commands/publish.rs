//! `edge-oauth publish`: publishing jobs, from their creation to their end.

mod advice;
mod create;
mod describe;
mod end;
mod list;
mod looks;
mod reporter;
mod watch;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::api_client::{ApiArgs, ApiClient};
use crate::commands::output_format::OutputArg;
use crate::commands::publish::end::EndArgs;
use crate::commands::publish::watch::{Watch, WatchArgs};
use crate::error::CliError;
use crate::output::terminal;

#[derive(Args, Debug)]
#[command(mut_arg("url", |arg| arg.help(URL)))]
pub(crate) struct PublishArgs {
    #[command(subcommand)]
    action: Action,

    #[command(flatten)]
    api: ApiArgs,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Publish the whole environment, and print the id of the job
    All(create::AllArgs),
    /// Publish items, and print the id of the job
    Items(create::ItemsArgs),
    /// Show a job; with --wait, watch it until it ends
    Status(StatusArgs),
    /// List jobs
    List(list::ListArgs),
    /// Cancel a job
    Cancel(CancelArgs),
}

#[derive(Args, Debug)]
struct StatusArgs {
    #[arg(help = ID)]
    id: String,

    #[command(flatten)]
    watch: WatchArgs,

    #[command(flatten)]
    end: EndArgs,

    #[command(flatten)]
    output: OutputArg,
}

#[derive(Args, Debug)]
struct CancelArgs {
    #[arg(help = ID)]
    id: String,

    #[command(flatten)]
    watch: WatchArgs,

    #[command(flatten)]
    output: OutputArg,
}

pub(crate) fn run(args: PublishArgs) -> Result<ExitCode, CliError> {
    let api = args.api;
    match args.action {
        Action::All(args) => create::run(&api, &args.new, args.job()),
        Action::Items(args) => create::run(&api, &args.new, args.job()),
        Action::Status(args) => status(&api, &args),
        Action::List(args) => list::run(&api, args),
        Action::Cancel(args) => cancel(&api, &args),
    }
}

fn status(api: &ApiArgs, args: &StatusArgs) -> Result<ExitCode, CliError> {
    let api = ApiClient::open(api)?;
    if args.watch.waits() {
        let watched = Watch::new(&api, &args.id, args.watch, args.end.cancels())?.run()?;
        if let Some(job) = &watched.last {
            describe::print(&api, job, args.output)?;
        }
        return end::published(&api, &watched, args.end, &args.id);
    }
    let job = api.find(&api.publishing.job(&args.id)?, LIST)?;
    describe::print(&api, &job, args.output)?;
    Ok(ExitCode::SUCCESS)
}

fn cancel(api: &ApiArgs, args: &CancelArgs) -> Result<ExitCode, CliError> {
    let api = ApiClient::open(api)?;
    let cancel = api.publishing.cancel_job(&args.id)?;
    api.change(&cancel, LIST, |error| end::too_late(&api, error, &args.id))?;
    terminal::note("the service accepted the request to cancel the job");
    if !args.watch.waits() {
        return Ok(ExitCode::SUCCESS);
    }
    let watched = Watch::new(&api, &args.id, args.watch, false)?.run()?;
    if let (Some(job), true) = (&watched.last, args.output.is_json()) {
        describe::print(&api, job, args.output)?;
    }
    end::canceled(&api, &watched, &args.id)
}

const URL: &str = "URL of the APIs, such as that of a local Edge [env: SITECORE_EDGE_URL] [default: https://edge-platform.sitecorecloud.io]";
const ID: &str = "Id of the job, as `edge-oauth publish list` shows it";
const LIST: &str = "run edge-oauth publish list, which shows the ids";
