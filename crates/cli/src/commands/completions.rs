//! `edge-oauth completions`: a completion script.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::error::CliError;
use crate::output::terminal;

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell to complete for
    shell: Shell,
}

/// Prints the script. `program` contains the whole command line.
pub(crate) fn run(args: CompletionsArgs, mut program: Command) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "edge-oauth", &mut script);
    let script = String::from_utf8_lossy(&script);
    Ok(terminal::print(match args.shell {
        // clap_complete 4.6 names the functions of a program with a hyphen in two ways.
        Shell::Bash => script.replace("edge__subcmd__oauth", "edge__oauth"),
        _ => script.into_owned(),
    })?)
}
