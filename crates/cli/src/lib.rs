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
mod commands;
mod failure;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;

/// Runs the program with the process's arguments.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    terminal::log_up_to(cli.verbose);
    match commands::run(cli.command) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}
