//! Reads secrets from files, variables, standard input or a hidden prompt.

use std::fs::Metadata;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::Duration;

use edge_oauth_no_io::Secret;
use zeroize::Zeroizing;

use crate::env::variable;
use crate::error::{CliError, Exit};
use crate::input::command;
use crate::input::file;
use crate::input::file_permissions;
use crate::input::prompt;
use crate::input::stdin;
use crate::origin::Origin;
#[cfg(unix)]
use crate::output::terminal;

/// The place of a client secret.
#[derive(Clone, Debug)]
pub(crate) enum SecretPlace {
    /// The path of an option. `-` is standard input.
    File(PathBuf),
    /// `SITECORE_CLIENT_SECRET`.
    Variable,
    /// A command that prints the secret.
    Command {
        line: String,
        origin: Origin,
    },
    ProfileFile {
        path: PathBuf,
        profile: String,
    },
}

/// Returns the client secret and its origin. Without a place, a person is asked on the terminal, after `ready` has
/// checked all other values.
pub(crate) fn read(
    place: Option<&SecretPlace>,
    time: Duration,
    ready: &dyn Fn() -> Result<(), CliError>,
) -> Result<(Secret, Origin), CliError> {
    match place {
        Some(SecretPlace::File(path)) => {
            if path.as_os_str() == "-" && io::stdin().is_terminal() {
                ready()?;
            }
            read_path(path, CLIENT_SECRET, time)
        }
        Some(SecretPlace::Variable) => match variable(SECRET_VARIABLE)? {
            Some(secret) => Ok((Secret::new(secret), Origin::Variable(SECRET_VARIABLE))),
            None => Err(unusable("no client secret")),
        },
        Some(SecretPlace::ProfileFile { path, profile }) => {
            let origin = Origin::ProfileFile {
                path: path.clone(),
                profile: profile.clone(),
            };
            Ok((read_text_file(SECRET_FILE, path, time)?, origin))
        }
        Some(SecretPlace::Command { line, origin }) => {
            Ok((read_command("client secret", line, time)?, origin.clone()))
        }
        None if prompt::can_ask()? => {
            ready()?;
            Ok((prompt(CLIENT_SECRET)?, Origin::Terminal))
        }
        None => Err(unusable("no client secret").next(
            "set SITECORE_CLIENT_SECRET, or use --client-secret-file FILE, where `-` is standard input, or another credential such as --key-file",
        )),
    }
}

/// Returns a secret and its origin: a file, or standard input if the path is `-`.
pub(crate) fn read_path(
    path: &Path,
    kind: &str,
    time: Duration,
) -> Result<(Secret, Origin), CliError> {
    match path.as_os_str() == "-" {
        true if io::stdin().is_terminal() => match prompt::can_ask()? {
            true => Ok((prompt(kind)?, Origin::Terminal)),
            false => Err(unusable(
                "standard input is a terminal, and CI is set, so there is no prompt",
            )
            .next("use a pipe or a file; or unset CI in the environment, to be asked")),
        },
        true => Ok((read_stdin()?, Origin::Stdin)),
        false => Ok((
            read_text_file(SECRET_FILE, path, time)?,
            Origin::File(path.to_owned()),
        )),
    }
}

/// Reads the text of a file of this kind, such as a secret file, without the line break at its end.
pub(crate) fn read_text_file(kind: &str, path: &Path, time: Duration) -> Result<Secret, CliError> {
    let bytes = read_file(kind, path, time)?;
    decode(&bytes, &format!("the {kind} {}", path.display()))
}

/// Reads the output of a command, without the line break at its end.
pub(crate) fn read_command(kind: &str, line: &str, time: Duration) -> Result<Secret, CliError> {
    let named = format!("the command for the {kind}");
    let output = command::read(&named, line, time)?;
    decode(&output, &format!("the output of {named}")).map_err(|error| error.next(command::BY_HAND))
}

/// Reads a file that other users cannot write. The permissions are those of the opened file.
pub(crate) fn read_file(
    kind: &str,
    path: &Path,
    time: Duration,
) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let named = format!("the {kind} {}", path.display());
    let (of_check, at) = (named.clone(), path.to_owned());
    let check = move |metadata: &Metadata| {
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if metadata.is_file() || is_named_pipe(metadata, &at) {
            if let Some(doubt) = file_permissions::doubt(metadata, file_permissions::Owner::Anyone)
            {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, doubt));
            }
            warn_about_readers(metadata, &of_check);
        }
        Ok(())
    };
    file::read(path, LARGEST, time, check).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied if error.get_ref().is_some() => {
            unusable(format_args!("{named} {error}")).next(format!(
                "check the file's content, then use a file of your own with mode 600; or set {}=1 if another system protects it",
                file_permissions::OVERRIDE
            ))
        }
        io::ErrorKind::IsADirectory => unusable(format_args!("{named} is a directory")),
        _ => unreadable(&named, &error),
    })
}

#[cfg(unix)]
fn warn_about_readers(metadata: &Metadata, named: &str) {
    use std::os::unix::fs::MetadataExt;

    let mode = metadata.mode() & 0o777;
    let group = if file_permissions::is_private_group(metadata) {
        0
    } else {
        0o040
    };
    if mode & (0o004 | group) == 0 || file_permissions::is_overridden() {
        return;
    }
    let next = match file_permissions::is_own(metadata) {
        true => "run chmod 600, so that only you can read it".to_owned(),
        false => format!(
            "set {}=1 if another system protects it",
            file_permissions::OVERRIDE
        ),
    };
    terminal::warning(format_args!(
        "{named} can be read by others (mode {mode:04o}): {next}"
    ));
}

#[cfg(not(unix))]
fn warn_about_readers(_: &Metadata, _: &str) {}

/// Returns whether this is a named pipe. A pipe that the shell opened, such as `<(...)`, is private whatever its
/// mode.
#[cfg(unix)]
fn is_named_pipe(metadata: &Metadata, path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;

    let opened = ["/dev/fd", "/dev/stdin", "/proc/self/fd"];
    metadata.file_type().is_fifo() && !opened.iter().any(|folder| path.starts_with(folder))
}

#[cfg(not(unix))]
fn is_named_pipe(_: &Metadata, _: &Path) -> bool {
    false
}

fn read_stdin() -> Result<Secret, CliError> {
    let named = "standard input";
    let stdin = stdin::unbuffered().map_err(|error| unusable(format_args!("{named}: {error}")))?;
    let bytes = file::all(stdin, LARGEST).map_err(|error| unreadable(named, &error))?;
    decode(&bytes, named)
}

fn decode(bytes: &[u8], named: &str) -> Result<Secret, CliError> {
    let text = file::text(bytes).map_err(|wrong| unusable(format_args!("{named} {wrong}")))?;
    without_line_break(text, named)
}

fn unreadable(named: &str, error: &io::Error) -> CliError {
    unusable(format_args!("{named}: {error}")).about_file(error)
}

/// Asks for a secret on the terminal.
pub(crate) fn prompt(kind: &str) -> Result<Secret, CliError> {
    without_line_break(&prompt::hidden(&format!("{kind}: "))?, "what was typed")
}

/// Returns the text without the line break that editors and `echo` add.
fn without_line_break(text: &str, named: &str) -> Result<Secret, CliError> {
    let text = text
        .strip_suffix('\n')
        .map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    if text.is_empty() {
        return Err(unusable(format_args!("{named} is empty")));
    }
    Ok(Secret::new(text))
}

fn unusable(message: impl std::fmt::Display) -> CliError {
    CliError::new(Exit::Credentials, message)
}

const LARGEST: usize = file::LARGEST_SECRET;
const CLIENT_SECRET: &str = "Client secret";
const SECRET_FILE: &str = "secret file";
pub(crate) const SECRET_VARIABLE: &str = "SITECORE_CLIENT_SECRET";
