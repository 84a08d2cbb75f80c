//! `edge-oauth keys rename`: another label.

use clap::Args;

use crate::commands::keys::which::WhichArgs;
use crate::edge::{Edge, EdgeArgs};
use crate::failure::Failure;
use crate::terminal;

#[derive(Args, Debug)]
pub(super) struct RenameArgs {
    #[command(flatten)]
    which: WhichArgs,

    /// What people call it from now on
    #[arg(long)]
    label: String,
}

pub(super) fn run(edge: &EdgeArgs, args: RenameArgs) -> Result<(), Failure> {
    args.which.check()?;
    let edge = Edge::open(edge)?;
    args.which.read()?.rename(&edge, &args.label)?;
    terminal::note("the key has its new label");
    Ok(())
}
