//! `edge-oauth keys revoke`: revokes a key.

use clap::Args;

use crate::api_client::{ApiArgs, ApiClient};
use crate::commands::keys::key_ref::KeyRefArgs;
use crate::confirm::Confirm;
use crate::error::CliError;
use crate::output::terminal;
use crate::output::text::shown;

#[derive(Args, Debug)]
pub(super) struct RevokeArgs {
    #[command(flatten)]
    key: KeyRefArgs,

    #[command(flatten)]
    confirm: Confirm,
}

pub(super) fn run(api: &ApiArgs, args: RevokeArgs) -> Result<(), CliError> {
    args.key.check()?;
    args.confirm.check()?;
    let api = ApiClient::open(api)?;
    let key = args.key.read()?;
    args.confirm.ask(&api, || {
        let key = key.get(&api)?;
        let label = shown(&key.label, 80);
        Ok(format!(
            "The key {label:?} is revoked permanently: sites that use it get no content."
        ))
    })?;
    key.revoke(&api)?;
    terminal::note("the key is revoked");
    Ok(())
}
