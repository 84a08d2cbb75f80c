//! The client secret, from where nobody else sees it.

use std::fs::{File, Metadata};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use crate::args::ClientArgs;
use crate::environment::variable;
use crate::failure::{Exit, Failure};
use crate::origin::Origin;
use crate::profile::Profile;
use crate::prompt;
use crate::settings::resolver::Binding;
use crate::{files, terminal, trust};
use edge_oauth_no_io::Secret;

/// The secret, and where it came from: `--client-secret-file`, else `SITECORE_CLIENT_SECRET`, else the
/// profile's file, else whoever sits at the terminal, who is asked only where `ready` has found that all
/// else is there. `binding` keeps the secret of one server from another.
pub(crate) fn read(
    args: &ClientArgs,
    profile: Option<&Profile>,
    binding: Option<Binding<'_>>,
    time: Duration,
    ready: impl FnOnce() -> Result<(), Failure>,
) -> Result<(Secret, Origin), Failure> {
    if let Some(path) = &args.client_secret_file {
        if path.as_os_str() == "-" && io::stdin().is_terminal() {
            ready()?;
        }
        return of_path(path, CLIENT_SECRET, time);
    }
    if let Some(secret) = variable("SITECORE_CLIENT_SECRET")? {
        if let Some(binding) = binding.filter(|binding| binding.takes_no_other_secret) {
            let message = format!(
                "SITECORE_CLIENT_SECRET is set, and {} has an endpoint or a client_secret_file of its own: the variable's secret is not sent there",
                binding.profile.origin()
            );
            return Err(Failure::new(Exit::Usage, message)
                .next("unset SITECORE_CLIENT_SECRET, or --client-secret-file FILE"));
        }
        let origin = Origin::Variable("SITECORE_CLIENT_SECRET");
        return Ok((Secret::new(secret), origin));
    }
    if let Some((profile, path)) =
        profile.and_then(|profile| Some((profile, profile.client_secret_file.as_ref()?)))
    {
        if let Some(variable) = binding.and_then(|binding| binding.other_server) {
            let profile = profile.origin();
            let message = format!(
                "{variable} is set, and {profile} has a client_secret_file: that secret is not sent to the variable's server"
            );
            return Err(Failure::new(Exit::Usage, message).next(format!(
                "unset {variable}, or name the server by --endpoint or in the profile"
            )));
        }
        let origin = Origin::ProfileFile {
            path: path.clone(),
            profile: profile.origin().to_string(),
        };
        return Ok((of_file(path, time)?, origin));
    }
    if can_ask()? {
        ready()?;
        return Ok((prompt(CLIENT_SECRET)?, Origin::Terminal));
    }
    Err(unusable("no client secret").next(
        "set SITECORE_CLIENT_SECRET, or use --client-secret-file FILE, where `-` is standard input",
    ))
}

/// A secret of this kind, and where it came from: a file, or standard input where the path is `-`.
pub(crate) fn of_path(
    path: &Path,
    kind: &str,
    time: Duration,
) -> Result<(Secret, Origin), Failure> {
    match path.as_os_str() == "-" {
        true if io::stdin().is_terminal() => match can_ask()? {
            true => Ok((prompt(kind)?, Origin::Terminal)),
            false => Err(unusable("standard input is a terminal, and nobody is asked in a job")
                .next("a pipe or a file; with CI unset in the environment, whoever sits there is asked")),
        },
        true => Ok((of_stdin()?, Origin::Stdin)),
        false => Ok((of_file(path, time)?, Origin::File(path.to_owned()))),
    }
}

/// Whether somebody sits at the terminal who sees the question: not in a job.
fn can_ask() -> Result<bool, Failure> {
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    Ok(terminal && variable("CI")?.is_none())
}

/// Reads a secret file of this user. What the file system says of it is checked on what was opened.
fn of_file(path: &Path, time: Duration) -> Result<Secret, Failure> {
    let named = format!("the secret file {}", path.display());
    let (of_check, at) = (named.clone(), path.to_owned());
    let check = move |metadata: &Metadata| {
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if metadata.is_file() || is_named_pipe(metadata, &at) {
            if let Some(doubt) = trust::doubt(metadata, trust::Owner::Anyone) {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, doubt));
            }
            warn_of_readers(metadata, &of_check);
        }
        Ok(())
    };
    let bytes = files::read(path, LARGEST, time, check).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied if error.get_ref().is_some() => {
            unusable(format_args!("{named} {error}")).next(format!(
                "a file of yours with mode 600, after a look at what is in it; or {}=1 for a file that something else guards",
                trust::OVERRIDE
            ))
        }
        io::ErrorKind::IsADirectory => unusable(format_args!("{named} is a directory")),
        _ => unreadable(&named, &error),
    })?;
    of_bytes(&bytes, &named)
}

#[cfg(unix)]
fn warn_of_readers(metadata: &Metadata, named: &str) {
    use std::os::unix::fs::MetadataExt;

    let mode = metadata.mode() & 0o777;
    let group = if trust::is_private_group(metadata) {
        0
    } else {
        0o040
    };
    if mode & (0o004 | group) == 0 || trust::is_overridden() {
        return;
    }
    let next = match trust::is_own(metadata) {
        true => "chmod 600 keeps it yours".to_owned(),
        false => format!("{}=1 if something else guards it", trust::OVERRIDE),
    };
    terminal::warning(format_args!(
        "{named} can be read by others (mode {mode:04o}): {next}"
    ));
}

#[cfg(not(unix))]
fn warn_of_readers(_: &Metadata, _: &str) {}

/// What the shell opened, such as `<(...)`, is nobody else's, whatever mode the system gives it.
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

/// Around the buffer that `io::stdin` keeps, which nobody wipes.
fn of_stdin() -> Result<Secret, Failure> {
    let named = "standard input";
    let stdin = owned_stdin().map_err(|error| unusable(format_args!("{named}: {error}")))?;
    let bytes = files::all(stdin, LARGEST).map_err(|error| unreadable(named, &error))?;
    of_bytes(&bytes, named)
}

#[cfg(unix)]
fn owned_stdin() -> io::Result<File> {
    use std::os::fd::AsFd;

    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn owned_stdin() -> io::Result<File> {
    use std::os::windows::io::AsHandle;

    Ok(io::stdin().as_handle().try_clone_to_owned()?.into())
}

fn of_bytes(bytes: &[u8], named: &str) -> Result<Secret, Failure> {
    let text = files::text(bytes).map_err(|wrong| unusable(format_args!("{named} {wrong}")))?;
    of_text(text, named)
}

fn unreadable(named: &str, error: &io::Error) -> Failure {
    unusable(format_args!("{named}: {error}"))
}

fn prompt(kind: &str) -> Result<Secret, Failure> {
    of_text(&prompt::hidden(&format!("{kind}: "))?, "what was typed")
}

/// Without the one line break that editors and `echo` put at the end.
fn of_text(text: &str, named: &str) -> Result<Secret, Failure> {
    let text = text
        .strip_suffix('\n')
        .map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    if text.is_empty() {
        return Err(unusable(format_args!("{named} is empty")));
    }
    Ok(Secret::new(text))
}

fn unusable(message: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Credentials, message)
}

const LARGEST: usize = files::LARGEST_SECRET;
const CLIENT_SECRET: &str = "Client secret";
