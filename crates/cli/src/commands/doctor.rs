//! `edge-oauth doctor`: what stands between this machine and a token.

use clap::Args;

use crate::args::ClientArgs;
use crate::failure::{Exit, Failure};

#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    client: ClientArgs,
}

pub(crate) fn run(args: DoctorArgs) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new(Exit::Other, "not yet"))
}
