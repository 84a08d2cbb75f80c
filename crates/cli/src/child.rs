//! Commands that this program runs.

use std::env;
use std::ffi::OsString;
use std::io;
use std::process::Command;

use edge_oauth_no_io::Secret;

use crate::failure::{Exit, Failure};

/// A command and its arguments, to be run without the client secret.
pub(crate) fn command(words: &[OsString], secret: &Secret) -> Command {
    let (program, arguments) = words.split_first().expect("clap wants a command");
    let mut command = Command::new(program);
    command.args(arguments);
    for name in secret_variables(secret) {
        command.env_remove(name);
    }
    command
}

/// As shells have it: 127 where there is no such command, and 126 where it cannot be run.
pub(crate) fn not_run(words: &[OsString], error: &io::Error) -> Failure {
    let (status, next) = match error.kind() {
        io::ErrorKind::NotFound => (
            127,
            "a command that is in PATH, or a path with a slash in it",
        ),
        _ => (126, "a program that you may run"),
    };
    let program = words.first().map(|program| program.display());
    let program = program.expect("clap wants a command");
    let failure = Failure::new(Exit::Other, format_args!("{program}: {error}"));
    failure.status(status).next(next)
}

/// Where the secret is in the environment, under its own name or another.
fn secret_variables(secret: &Secret) -> Vec<OsString> {
    let holds = |value: &OsString| value.to_str() == Some(secret.expose());
    let variables =
        env::vars_os().filter(|(name, value)| name == "SITECORE_CLIENT_SECRET" || holds(value));
    variables.map(|(name, _)| name).collect()
}
