//! Commands that this program runs.

use std::env;
#[cfg(windows)]
use std::ffi::OsStr;
use std::ffi::OsString;
use std::io;
#[cfg(windows)]
use std::path::Path;
use std::process::{Command, ExitStatus};

use edge_oauth_no_io::Secret;

use crate::error::{CliError, Exit};
use crate::output::terminal;

/// Returns a command to run without the client's credentials in its environment. It inherits open files and all other
/// variables.
pub(crate) fn command(words: &[OsString], secrets: &[Secret]) -> Command {
    let (program, arguments) = words.split_first().expect("clap wants a command");
    let mut command = Command::new(resolved(program));
    command.args(arguments);
    for name in secret_variables(secrets) {
        command.env_remove(name);
    }
    command
}

/// Returns the path of a script such as `npm.cmd` for its name, as a shell finds it. The system adds `.exe` only.
#[cfg(windows)]
fn resolved(program: &OsStr) -> OsString {
    let path = Path::new(program);
    if path.extension().is_none() {
        let folders = match path.components().count() {
            1 => env::var_os("PATH").unwrap_or_default(),
            // With a folder in it, the path is complete.
            _ => OsString::from("."),
        };
        for folder in env::split_paths(&folders) {
            let candidates =
                ["exe", "bat", "cmd"].map(|extension| folder.join(path).with_extension(extension));
            if let Some(found) = candidates.into_iter().find(|candidate| candidate.is_file()) {
                return found.into_os_string();
            }
        }
    }
    program.to_owned()
}

#[cfg(not(windows))]
fn resolved(program: &OsString) -> &OsString {
    program
}

/// Returns the error of a command that did not run. Its exit status is that of shells: 127 if the command is missing,
/// 126 if it cannot be run.
pub(crate) fn not_run(words: &[OsString], error: &io::Error) -> CliError {
    let (status, next) = match error.kind() {
        io::ErrorKind::NotFound => (127, "use a command in PATH, or a path with a slash in it"),
        _ => (126, "use a program that you may run"),
    };
    let program = words.first().map(|program| program.display());
    let program = program.expect("clap wants a command");
    let failure = CliError::new(Exit::Other, format_args!("{program}: {error}"));
    failure.status(status).next(next)
}

/// Returns the exit status that a shell reports: 128 plus the signal's number if a signal ended the command.
pub(crate) fn status(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let code = status.code().or(signal.map(|signal: i32| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// Returns the names of the variables that contain a secret, alone or in a longer text such as a URL.
fn secret_variables(secrets: &[Secret]) -> Vec<OsString> {
    let holds = |value: &OsString, secret: &Secret| {
        let (value, secret) = (value.as_encoded_bytes(), secret.expose().as_bytes());
        match secret.len() {
            // A text as short as this is in other values by chance.
            ..SHORTEST => value == secret,
            length => value.windows(length).any(|part| part == secret),
        }
    };
    let mut names = Vec::new();
    for (name, value) in env::vars_os() {
        let is_own = OWN.iter().any(|own| name == *own);
        if !is_own && !secrets.iter().any(|secret| holds(&value, secret)) {
            continue;
        }
        if !is_own {
            let name = name.display();
            terminal::detail(format_args!(
                "{name} contains a credential of the client: the command does not get that variable"
            ));
        }
        names.push(name);
    }
    names
}

/// Variables of this program that contain a secret: the client's, and the password of a shared store.
const OWN: [&str; 2] = ["SITECORE_CLIENT_SECRET", "EDGE_OAUTH_STORE"];

const SHORTEST: usize = 8;
