//! `edge-oauth admin content`: what is published.

use clap::Subcommand;

use crate::consent::Consent;
use crate::edge::{Edge, EdgeArgs};
use crate::failure::Failure;
use crate::terminal;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Delete ALL published content of the tenant; it is back when everything is published again
    Delete {
        #[command(flatten)]
        consent: Consent,
    },
}

pub(super) fn run(edge: &EdgeArgs, action: Action) -> Result<(), Failure> {
    let Action::Delete { consent } = action;
    consent.check()?;
    let edge = Edge::open(edge)?;
    consent.ask(&edge, || {
        let url = edge.api.base_url();
        Ok(format!(
            "ALL published content of the tenant at {url} is deleted."
        ))
    })?;
    edge.call(&edge.api.delete_content())?;
    terminal::note("the service took the order to delete the content");
    Ok(())
}
