//! `edge-oauth serve`: a local Experience Edge.

use std::time::Duration;

use clap::Args;

use crate::failure::{Exit, Failure};

#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// How long its tokens live
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "24h")]
    lifetime: Duration,
}

pub(crate) fn run(args: ServeArgs) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new(Exit::Other, "not yet"))
}
