//! `edge-oauth cache`: the tokens that are kept between runs.

use clap::{Args, Subcommand};

use crate::failure::{Exit, Failure};

#[derive(Args, Debug)]
pub(crate) struct CacheArgs {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Action {
    /// List the kept tokens: an id, and when each expires
    List,
    /// Remove them all
    Clear,
}

pub(crate) fn run(args: CacheArgs) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new(Exit::Other, "not yet"))
}
