//! Standard input, limited in size.

use std::fs::File;
use std::io::{self, IsTerminal};

use zeroize::Zeroizing;

use crate::error::{CliError, Exit};
use crate::input::file;
use crate::output::terminal;

/// Reads standard input to its end. Fails if it is longer than `limit` bytes. `what` names the expected input.
pub(crate) fn read(what: &str, limit: usize) -> Result<Zeroizing<Vec<u8>>, CliError> {
    if io::stdin().is_terminal() {
        terminal::note(format_args!("Paste {what}, then end the input with {END}."));
    }
    let read = unbuffered().and_then(|stdin| file::all(stdin, limit));
    read.map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => {
            let message = format!("more than {limit} bytes, which {what} never has");
            CliError::new(Exit::Usage, format_args!("standard input: {message}"))
        }
        _ => CliError::new(Exit::Usage, format_args!("standard input: {error}")),
    })
}

/// Returns standard input without the buffer of `io::stdin`, which is not wiped.
#[cfg(unix)]
pub(crate) fn unbuffered() -> io::Result<File> {
    use std::os::fd::AsFd;

    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
pub(crate) fn unbuffered() -> io::Result<File> {
    use std::os::windows::io::AsHandle;

    Ok(io::stdin().as_handle().try_clone_to_owned()?.into())
}

const END: &str = if cfg!(windows) {
    "Ctrl-Z and Enter"
} else {
    "Ctrl-D"
};
