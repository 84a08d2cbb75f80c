//! `edge-oauth exec`: a command with the token in its environment.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::args::ClientArgs;
use crate::failure::{Exit, Failure};

#[derive(Args, Debug)]
pub(crate) struct ExecArgs {
    /// Variable that holds the token
    #[arg(long, value_name = "NAME", default_value = "EDGE_OAUTH_TOKEN")]
    env: String,

    /// Promise at least this much life, such as 5m
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "0s")]
    min_ttl: Duration,

    /// Ask the server even where a token is kept
    #[arg(long)]
    force_refresh: bool,

    #[command(flatten)]
    client: ClientArgs,

    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(crate) fn run(args: ExecArgs) -> Result<ExitCode, Failure> {
    let _ = args;
    Err(Failure::new(Exit::Other, "not yet"))
}
