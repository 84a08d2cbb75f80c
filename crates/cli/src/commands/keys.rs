//! `edge-oauth keys`: the keys of the Delivery API.

mod create;
mod describe;
mod list;
mod rename;
mod revoke;
mod rotate;
mod which;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::args::Refused;
use crate::commands::output::OutputArg;
use crate::edge::{Edge, EdgeArgs};
use crate::failure::Failure;
use crate::terminal;
use crate::text::harmless;

#[derive(Args, Debug)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    action: Action,

    #[command(flatten)]
    edge: EdgeArgs,

    /// Refused, with any value: an argument is visible to everyone on the machine.
    #[arg(long, hide = true, global = true, num_args = 0..=1, default_missing_value = "", allow_hyphen_values = true)]
    key: Option<Refused>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the keys, without the keys themselves, which the service shows once
    List(list::ListArgs),
    /// Create a key and print it: this once
    Create(create::CreateArgs),
    /// Show what the service knows of a key
    Get(GetArgs),
    /// Give a key another label
    Rename(rename::RenameArgs),
    /// Revoke a key: the Delivery API takes it no more
    Revoke(revoke::RevokeArgs),
    /// Replace the keys of a label without downtime: create a new one, hand it to a command, and revoke
    /// the old ones when that has succeeded
    Rotate(rotate::RotateArgs),
}

#[derive(Args, Debug)]
struct GetArgs {
    #[command(flatten)]
    which: which::WhichArgs,

    #[command(flatten)]
    output: OutputArg,
}

pub(crate) fn run(args: KeysArgs) -> Result<ExitCode, Failure> {
    if args.key.is_some() {
        return Err(which::refused(
            "--key is refused: everyone on this machine sees the arguments of a program",
        ));
    }
    let edge = args.edge;
    match args.action {
        Action::List(args) => list::run(&edge, args)?,
        Action::Create(args) => create::run(&edge, args)?,
        Action::Get(args) => get(&edge, args)?,
        Action::Rename(args) => rename::run(&edge, args)?,
        Action::Revoke(args) => revoke::run(&edge, args)?,
        Action::Rotate(args) => return rotate::run(&edge, args),
    }
    Ok(ExitCode::SUCCESS)
}

fn get(edge: &EdgeArgs, args: GetArgs) -> Result<(), Failure> {
    args.which.check()?;
    let edge = Edge::open(edge)?;
    let key = args.which.read()?.get(&edge)?;
    Ok(terminal::answer(match args.output.is_json() {
        true => harmless(&format!("{}\n", describe::json(&key))),
        false => describe::lines(&key),
    })?)
}
