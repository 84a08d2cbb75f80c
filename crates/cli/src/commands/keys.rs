//! `edge-oauth keys`: the keys of the Delivery API.

mod create;
mod describe;
mod key_ref;
mod list;
mod rename;
mod revoke;
mod rotate;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::api_client::{ApiArgs, ApiClient};
use crate::args::DiscardedArgument;
use crate::commands::output_format::OutputArg;
use crate::error::CliError;
use crate::output::terminal;
use crate::output::text::json_line;

#[derive(Args, Debug)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    action: Action,

    #[command(flatten)]
    api: ApiArgs,

    /// Refused with any value: an argument is visible to everyone on the machine.
    #[arg(long, hide = true, global = true, num_args = 0..=1, default_missing_value = "", allow_hyphen_values = true)]
    key: Option<DiscardedArgument>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the keys, without their values, which the service shows only once
    List(list::ListArgs),
    /// Create a key, and print its value, which is shown only once
    Create(create::CreateArgs),
    /// Show the label, scopes and dates of a key
    Get(GetArgs),
    /// Give a key another label
    Rename(rename::RenameArgs),
    /// Revoke a key: the Delivery API no longer accepts it
    Revoke(revoke::RevokeArgs),
    /// Replace the keys of a label without downtime: create a new key, hand it to a command, and revoke the old keys
    /// if the command succeeds
    Rotate(rotate::RotateArgs),
}

#[derive(Args, Debug)]
struct GetArgs {
    #[command(flatten)]
    key: key_ref::KeyRefArgs,

    #[command(flatten)]
    output: OutputArg,
}

pub(crate) fn run(args: KeysArgs) -> Result<ExitCode, CliError> {
    if args.key.is_some() {
        return Err(key_ref::refused(
            "--key is refused: everyone on this machine sees the arguments of a program",
        ));
    }
    let api = args.api;
    match args.action {
        Action::List(args) => list::run(&api, args)?,
        Action::Create(args) => create::run(&api, args)?,
        Action::Get(args) => get(&api, args)?,
        Action::Rename(args) => rename::run(&api, args)?,
        Action::Revoke(args) => revoke::run(&api, args)?,
        Action::Rotate(args) => return rotate::run(&api, args),
    }
    Ok(ExitCode::SUCCESS)
}

fn get(api: &ApiArgs, args: GetArgs) -> Result<(), CliError> {
    args.key.check()?;
    let api = ApiClient::open(api)?;
    let key = args.key.read()?.get(&api)?;
    Ok(terminal::print(match args.output.is_json() {
        true => json_line(&describe::json(&key)),
        false => describe::lines(&key),
    })?)
}
