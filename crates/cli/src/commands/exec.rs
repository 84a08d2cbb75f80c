//! `edge-oauth exec`: a command with the token in its environment.

use std::ffi::OsString;
use std::io;
use std::process::{Command, ExitCode};

use clap::Args;

use crate::args::{ClientArgs, RequirementArgs, variable_name};
use crate::child;
#[cfg(windows)]
use crate::child::job::SharedEnd;
use crate::error::CliError;
use crate::github;
#[cfg(unix)]
use crate::panic_hook;
use crate::session::Session;
use crate::settings::Settings;
#[cfg(not(unix))]
use crate::signals;

#[derive(Args, Debug)]
pub(crate) struct ExecArgs {
    /// Variable for the token
    #[arg(long, value_name = "NAME", value_parser = variable_name, default_value = "EDGE_OAUTH_TOKEN")]
    env: String,

    #[command(flatten)]
    requirements: RequirementArgs,

    #[command(flatten)]
    client: ClientArgs,

    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Runs the command. The exit status is that of the command, or as in shells 127 if it is missing and 126 if it
/// cannot be run.
pub(crate) fn run(args: ExecArgs) -> Result<ExitCode, CliError> {
    let settings = Settings::resolve(&args.client)?;
    let credentials = settings.credentials.clone();
    let ready = Session::open(settings).token(args.requirements.requirements())?;
    let mut command = child::command(&args.command, credentials.secrets());
    github::mask_for_command(ready.token.expose());
    command.env(&args.env, ready.token.expose());
    replace_by(command).map_err(|error| child::not_run(&args.command, &error))
}

/// Replaces the process by the command: signals and exit status are those of the command, and no secret stays in
/// memory.
#[cfg(unix)]
fn replace_by(mut command: Command) -> Result<ExitCode, io::Error> {
    let exec = || std::os::unix::process::CommandExt::exec(&mut command);
    Err(panic_hook::with_core_dumps(exec))
}

/// Runs the command and passes its exit status on. The command ends if this process is killed.
#[cfg(not(unix))]
fn replace_by(mut command: Command) -> Result<ExitCode, io::Error> {
    #[cfg(windows)]
    let shared_end = SharedEnd::begin();
    let mut child = command.spawn()?;
    signals::leave_interrupts_to_the_command();
    let status = child.wait()?;
    #[cfg(windows)]
    drop(shared_end);
    // An exit status on Windows has 32 bits, and only `exit` accepts all of them.
    std::process::exit(status.code().unwrap_or(1))
}
