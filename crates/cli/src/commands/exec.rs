//! `edge-oauth exec`: a command with the token in its environment.

use std::env;
use std::ffi::OsString;
use std::io;
use std::process::{Command, ExitCode};

use clap::Args;
use edge_oauth_no_io::Secret;

use crate::args::{ClientArgs, WantArgs, variable_name};
use crate::failure::{Exit, Failure};
use crate::session::Session;
use crate::settings::Settings;

#[derive(Args, Debug)]
pub(crate) struct ExecArgs {
    /// Variable that holds the token
    #[arg(long, value_name = "NAME", value_parser = variable_name, default_value = "EDGE_OAUTH_TOKEN")]
    env: String,

    #[command(flatten)]
    want: WantArgs,

    #[command(flatten)]
    client: ClientArgs,

    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// The command's exit status is this program's, but for 127 where there is no such command and 126 where
/// it cannot be run, as shells have it.
pub(crate) fn run(args: ExecArgs) -> Result<ExitCode, Failure> {
    let settings = Settings::resolve(&args.client)?;
    let secret = settings.secret.clone();
    let ready = Session::open(settings).token(args.want.want())?;
    let (program, arguments) = args.command.split_first().expect("clap wants a command");
    let mut command = Command::new(program);
    command.args(arguments);
    for name in secret_variables(&secret) {
        command.env_remove(name);
    }
    command.env(&args.env, ready.token.expose());
    replace_by(command).map_err(|error| {
        let status = if error.kind() == io::ErrorKind::NotFound {
            127
        } else {
            126
        };
        let message = format!("{}: {error}", program.display());
        let next = match status {
            127 => "a command that is in PATH, or a path with a slash in it",
            _ => "a program that you may run",
        };
        Failure::new(Exit::Other, message).status(status).next(next)
    })
}

/// Where the secret is in the environment, under its own name or another.
fn secret_variables(secret: &Secret) -> Vec<OsString> {
    let holds = |value: &OsString| value.to_str() == Some(secret.expose());
    let variables =
        env::vars_os().filter(|(name, value)| name == "SITECORE_CLIENT_SECRET" || holds(value));
    variables.map(|(name, _)| name).collect()
}

/// The process becomes the command: signals and exit status are the command's own, and nothing of ours
/// stays in memory.
#[cfg(unix)]
fn replace_by(mut command: Command) -> Result<ExitCode, io::Error> {
    Err(std::os::unix::process::CommandExt::exec(&mut command))
}

/// The console sends Ctrl-C to both processes; the status is passed on.
#[cfg(not(unix))]
fn replace_by(mut command: Command) -> Result<ExitCode, io::Error> {
    let status = command.status()?;
    // A status of Windows has 32 bits, and only `exit` takes them all.
    std::process::exit(status.code().unwrap_or(1))
}
