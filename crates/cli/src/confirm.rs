//! The question before data is destroyed, or `--yes` in its place.

use std::io::{self, BufRead, IsTerminal};

use clap::Args;

use crate::api_client::ApiClient;
use crate::env::variable;
use crate::error::{CliError, Exit};
use crate::output::terminal;

/// The option that replaces the question.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Confirm {
    /// Do not ask for confirmation; required if there is no terminal
    #[arg(short, long)]
    yes: bool,
}

impl Confirm {
    /// Fails if there is no terminal to ask on, before any request.
    pub(crate) fn check(self) -> Result<(), CliError> {
        let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
        if self.yes || (can_ask && variable("CI")?.is_none()) {
            return Ok(());
        }
        let message = "this cannot be undone, and there is no terminal for the question";
        Err(CliError::new(Exit::Usage, message).next("use --yes to confirm"))
    }

    /// Asks, unless `--yes` is given. `loss` returns the text on the data to be destroyed. The question also names
    /// the client and the tenant.
    pub(crate) fn ask(
        self,
        api: &ApiClient,
        loss: impl FnOnce() -> Result<String, CliError>,
    ) -> Result<(), CliError> {
        self.check()?;
        if self.yes {
            return Ok(());
        }
        let question = format!("{}\n{}", loss()?, api.caller_and_tenant()?);
        if typed(&question)?.trim() == "yes" {
            return Ok(());
        }
        Err(CliError::new(Exit::Other, "nothing was done"))
    }
}

fn typed(loss: &str) -> Result<String, CliError> {
    let asked = |error| CliError::new(Exit::Other, format_args!("the terminal: {error}"));
    // A `yes` that was typed earlier confirms another question.
    terminal::discard_typed();
    terminal::question(format_args!("{loss}\nType `yes` to go on: "));
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(asked)?;
    Ok(line)
}
