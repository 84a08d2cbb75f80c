//! `edge-oauth admin cache`: the cache of the tenant.

use clap::Subcommand;

use crate::api_client::{ApiArgs, ApiClient};
use crate::error::CliError;
use crate::output::terminal;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Clear the cache of the whole tenant, such as after a deployment
    Clear,
}

pub(super) fn run(api: &ApiArgs, action: Action) -> Result<(), CliError> {
    let Action::Clear = action;
    let api = ApiClient::open(api)?;
    api.call(&api.operations.clear_cache())?;
    terminal::note("the service accepted the request to clear the cache");
    Ok(())
}
