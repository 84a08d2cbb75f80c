//! Commands that this program runs.

#[cfg(windows)]
pub(crate) mod job;

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
#[cfg(any(windows, test))]
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use edge_oauth_no_io::Secret;

use crate::error::{CliError, Exit};
use crate::output::terminal;

/// Returns a command to run without the client's credentials in its environment. It inherits open files and all other
/// variables.
pub(crate) fn command(words: &[OsString], secrets: &[Secret]) -> Command {
    let (program, arguments) = words.split_first().expect("clap wants a command");
    let mut command = Command::new(program_file(program));
    command.args(arguments);
    for name in secret_variables(secrets) {
        command.env_remove(name);
    }
    command
}

/// Returns the file of a program. Windows adds `.exe` only, and shells run scripts such as `npm.cmd` by their bare name.
#[cfg(windows)]
fn program_file(program: &OsStr) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let extensions = env::var("PATHEXT").unwrap_or_else(|_| ".COM;.EXE;.BAT;.CMD".to_owned());
    let found = with_extension(program, env::split_paths(&path), &extensions, Path::is_file);
    found.map_or_else(|| program.to_owned(), PathBuf::into_os_string)
}

#[cfg(not(windows))]
fn program_file(program: &OsStr) -> &OsStr {
    program
}

/// Returns the first file of this name with one of the extensions, which PATHEXT lists in order. A name with a folder is
/// not looked up in `folders`. Returns `None` if there is none, or if the name has such an extension already.
#[cfg(any(windows, test))]
fn with_extension(
    program: &OsStr,
    folders: impl Iterator<Item = PathBuf>,
    extensions: &str,
    is_file: impl Fn(&Path) -> bool,
) -> Option<PathBuf> {
    let text = program.to_string_lossy().to_ascii_lowercase();
    let extensions = extensions
        .split(';')
        .filter(|extension| extension.len() > 1);
    if extensions
        .clone()
        .any(|extension| text.ends_with(&extension.to_ascii_lowercase()))
    {
        return None;
    }
    let in_folder = |folder: &Path| {
        let with = |extension: &str| {
            let mut file = folder.join(program).into_os_string();
            file.push(extension);
            PathBuf::from(file)
        };
        extensions.clone().map(with).find(|file| is_file(file))
    };
    let mut folders = folders;
    match Path::new(program).components().count() {
        1 => folders.find_map(|folder| in_folder(&folder)),
        _ => in_folder(Path::new("")),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    // fault: script-of-windows-by-its-name
    #[test]
    fn script_is_found_by_its_bare_name() {
        let files = ["a/npm.cmd", "b/npm.exe", "b/tool.exe", "dir/run.bat"];
        let found = |program: &str| {
            let folders = ["a", "b"].into_iter().map(PathBuf::from);
            let is_file = |file: &Path| files.iter().any(|known| file == Path::new(known));
            let found = with_extension(OsStr::new(program), folders, ".exe;.bat;.cmd;", is_file);
            found.map(|file| file.to_string_lossy().into_owned())
        };
        assert_eq!(found("npm").as_deref(), Some("a/npm.cmd"));
        assert_eq!(found("tool").as_deref(), Some("b/tool.exe"));
        assert_eq!(found("dir/run").as_deref(), Some("dir/run.bat"));
        assert_eq!(found("missing"), None);
        assert_eq!(found("npm.CMD"), None, "it is whole already");
    }
}
