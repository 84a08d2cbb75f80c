//! `edge-oauth explain`: what the core makes of an answer.

use clap::Args;

use crate::failure::{Exit, Failure};

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {}

pub(crate) fn run(args: ExplainArgs) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new(Exit::Other, "not yet"))
}
