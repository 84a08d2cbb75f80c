//! `edge-oauth admin cache`: what is cached.

use clap::Subcommand;

use crate::edge::{Edge, EdgeArgs};
use crate::failure::Failure;
use crate::terminal;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Clear the cache of the whole tenant, such as after a deployment
    Clear,
}

pub(super) fn run(edge: &EdgeArgs, action: Action) -> Result<(), Failure> {
    let Action::Clear = action;
    let edge = Edge::open(edge)?;
    edge.call(&edge.api.clear_cache())?;
    terminal::note("the service took the order to clear the cache");
    Ok(())
}
