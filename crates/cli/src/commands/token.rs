//! `edge-oauth token`: the token for whoever reads standard output.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::args::ClientArgs;
use crate::failure::{Exit, Failure};

#[derive(Args, Debug)]
pub(crate) struct TokenArgs {
    /// Format of what is printed
    #[arg(short, long, value_name = "FORMAT", default_value = "token")]
    output: Format,

    /// Promise at least this much life, such as 5m
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "0s")]
    min_ttl: Duration,

    /// Ask the server even where a token is kept
    #[arg(long)]
    force_refresh: bool,

    #[command(flatten)]
    client: ClientArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// The token alone
    Token,
    /// The header `Authorization: Bearer ...`
    Header,
    /// One JSON object with the token, its type, its life and its scope
    Json,
    /// An assignment to be evaluated by a POSIX shell
    Env,
    /// The same for PowerShell
    Powershell,
    /// A configuration for `curl -K -`
    Curl,
    /// Masks the token in a GitHub workflow and appends it to the step's outputs
    Github,
    /// What kubectl reads of a credential plugin
    ExecCredential,
}

pub(crate) fn run(args: TokenArgs) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new(Exit::Other, "not yet"))
}
