//! `edge-oauth admin content`: published content.

use clap::Subcommand;

use crate::api_client::{ApiArgs, ApiClient};
use crate::confirm::Confirm;
use crate::error::CliError;
use crate::output::terminal;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Delete ALL published content of the tenant; publish everything again to restore it
    Delete {
        #[command(flatten)]
        confirm: Confirm,
    },
}

pub(super) fn run(api: &ApiArgs, action: Action) -> Result<(), CliError> {
    let Action::Delete { confirm } = action;
    confirm.check()?;
    let api = ApiClient::open(api)?;
    confirm.ask(&api, || {
        let url = api.operations.base_url();
        Ok(format!(
            "ALL published content of the tenant at {url} is deleted."
        ))
    })?;
    api.call(&api.operations.delete_content())?;
    terminal::note("the service accepted the request to delete the content");
    Ok(())
}
