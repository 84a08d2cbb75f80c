//! The program `edge-oauth`: access tokens for people, scripts and CI jobs.
//!
//! ```text
//! arguments ─▶ settings ─▶ session (cache, source) ─▶ commands ─▶ standard output
//!                                                        │
//!                                     failure ◀──────────┘ standard error, exit status
//! ```
//!
//! A library only so that its parts can be tested and fuzzed; the interface is the program's.

mod args;
mod budget;
mod cache;
mod child;
mod cli;
mod client_auth;
mod commands;
mod consent;
mod crash;
mod edge;
mod environment;
mod failure;
mod fault_spec;
mod files;
mod github;
mod http;
mod input;
mod jwks;
mod jwt;
mod key_source;
mod misuse;
mod origin;
mod profile;
mod prompt;
#[doc(hidden)]
pub mod raw_http;
mod secret_input;
mod session;
mod settings;
mod shell;
mod signals;
mod table;
mod terminal;
mod text;
mod times;
mod trust;
mod within;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::cli::Cli;
use crate::failure::{Exit, Failure};

/// Runs the program with the process's arguments.
pub fn run() -> ExitCode {
    crash::tell_only_the_place();
    signals::tolerate_file_limits();
    let command = Cli::command().arg(args::refused());
    let matches = match command.try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return misuse::report(error),
    };
    if matches.contains_id(args::REFUSED) {
        return refused_secret().report();
    }
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return misuse::report(error.format(&mut Cli::command())),
    };
    terminal::talk_up_to(cli.verbose);
    match commands::run(cli.command, Cli::command()) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

fn refused_secret() -> Failure {
    Failure::new(
        Exit::Usage,
        "--client-secret is refused: everyone on this machine sees the arguments of a program",
    )
    .next("--client-secret-file FILE, `-` for standard input, or the variable SITECORE_CLIENT_SECRET; and replace a secret that was given here")
}
