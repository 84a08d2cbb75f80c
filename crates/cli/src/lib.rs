//! The program `edge-oauth`: access tokens for people, scripts and CI jobs.
//!
//! ```text
//! arguments ─▶ settings ─▶ session (cache, source) ─▶ commands ─▶ standard output
//!                                                        │
//!                                       error ◀──────────┘ standard error, exit status
//! ```
//!
//! The library exists for tests and fuzzing. The interface is the program.

mod api_client;
mod args;
mod cache;
mod child;
mod cli;
mod client_auth;
mod commands;
mod confirm;
mod env;
mod error;
mod github;
mod http_client;
mod identity;
mod input;
mod input_error;
#[doc(hidden)]
pub mod jwt;
mod origin;
mod output;
mod panic_hook;
#[doc(hidden)]
pub mod raw_http;
mod services;
mod session;
mod settings;
mod signals;
mod tenant;
mod usage_error;

use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches};

use crate::cli::Cli;
use crate::error::{CliError, Exit};

/// Runs the program with the process's arguments.
pub fn run() -> ExitCode {
    panic_hook::install();
    signals::tolerate_file_limits();
    let command = Cli::command().arg(args::client_secret());
    let matches = match command.try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return usage_error::report(error),
    };
    if matches.contains_id(args::CLIENT_SECRET) {
        return refused_secret().report();
    }
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return usage_error::report(error.format(&mut Cli::command())),
    };
    output::terminal::set_verbosity(cli.verbose, cli.quiet);
    if asks_for_json(&matches) {
        output::terminal::set_json_errors();
    }
    match commands::run(cli.command, Cli::command()) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

/// Returns whether the output of the command is JSON. Its error is then JSON too.
fn asks_for_json(matches: &ArgMatches) -> bool {
    let Some((_, matches)) = matches.subcommand() else {
        return false;
    };
    let output = matches.try_get_raw(OUTPUT).ok().flatten();
    let is_json = output.is_some_and(|mut values| values.any(|value| value == "json"));
    is_json || asks_for_json(matches)
}

/// The id of the option for the output format, in all commands.
const OUTPUT: &str = "output";

fn refused_secret() -> CliError {
    CliError::new(
        Exit::Usage,
        "--client-secret is refused: everyone on this machine sees the arguments of a program",
    )
    .next("use --client-secret-file FILE, `-` for standard input, or the variable SITECORE_CLIENT_SECRET; replace a secret that was given here")
}
