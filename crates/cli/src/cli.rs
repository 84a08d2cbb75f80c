//! The command line as a whole.

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgAction, Parser};

use crate::commands::Command;
use crate::error::EXIT_STATUS;

/// OAuth 2.0 access tokens for machines: Sitecore Experience Edge, or any standard token endpoint.
#[derive(Debug, Parser)]
#[command(name = "edge-oauth", version, styles = STYLES, after_help = EXIT_STATUS, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print no warnings and notes on standard error, only errors and questions
    #[arg(long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Print details on standard error: -v about the token, -vv and -vvv the logs of the libraries, without secrets
    /// and tokens.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());
