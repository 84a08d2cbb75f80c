//! `edge-oauth keys rename`: another label.

use clap::Args;

use crate::api_client::{ApiArgs, ApiClient};
use crate::commands::keys::key_ref::KeyRefArgs;
use crate::error::CliError;
use crate::output::terminal;

#[derive(Args, Debug)]
pub(super) struct RenameArgs {
    #[command(flatten)]
    key: KeyRefArgs,

    /// New label for people
    #[arg(long)]
    label: String,
}

pub(super) fn run(api: &ApiArgs, args: RenameArgs) -> Result<(), CliError> {
    args.key.check()?;
    let api = ApiClient::open(api)?;
    args.key.read()?.rename(&api, &args.label)?;
    terminal::note("the key has its new label");
    Ok(())
}
