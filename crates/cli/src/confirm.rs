//! The question before data is destroyed, or `--yes` in its place.

use clap::Args;

use crate::api_client::ApiClient;
use crate::error::{CliError, Exit};
use crate::input::prompt;

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
        if self.yes || prompt::can_ask()? {
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
        // A single letter is typed too easily.
        let typed = prompt::line(&format!("{question}\nType `yes` to go on: "))?;
        if typed.eq_ignore_ascii_case("yes") {
            return Ok(());
        }
        let failure = CliError::new(Exit::Other, "nothing was done");
        Err(match typed.eq_ignore_ascii_case("y") {
            true => failure.next("type the whole word `yes`"),
            false => failure,
        })
    }
}
