//! `edge-oauth request`: the token request, to be looked at or sent by other means.

use clap::{Args, ValueEnum};

use crate::args::ClientArgs;
use crate::failure::{Exit, Failure};

#[derive(Args, Debug)]
pub(crate) struct RequestArgs {
    /// Format of what is printed
    #[arg(short, long, value_name = "FORMAT", default_value = "http")]
    output: Format,

    /// Print the client secret too
    #[arg(long)]
    show_secret: bool,

    #[command(flatten)]
    client: ClientArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// The request as it goes over the wire
    Http,
    /// A command line of curl
    Curl,
}

pub(crate) fn run(args: RequestArgs) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::new(Exit::Other, "not yet"))
}
