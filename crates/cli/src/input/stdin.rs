//! Standard input, limited in size.

use std::io::{self, IsTerminal, Read};

use zeroize::Zeroizing;

use crate::error::{CliError, Exit};
use crate::output::terminal;

/// Reads standard input to its end. Fails if it is longer than `limit` bytes. `what` names the expected input.
pub(crate) fn read(what: &str, limit: usize) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        terminal::note(format_args!("Paste {what}, then end the input with {END}."));
    }
    // The buffer has its full size from the start, since growing would leave copies in memory.
    let mut input = Zeroizing::new(Vec::with_capacity(limit + 1));
    let limited = u64::try_from(limit + 1).unwrap_or(u64::MAX);
    let read = stdin.lock().take(limited).read_to_end(&mut input);
    read.map_err(|error| CliError::new(Exit::Usage, format_args!("standard input: {error}")))?;
    if input.len() > limit {
        let message =
            format_args!("standard input: more than {limit} bytes, which {what} never has");
        return Err(CliError::new(Exit::Usage, message));
    }
    Ok(input)
}

const END: &str = if cfg!(windows) {
    "Ctrl-Z and Enter"
} else {
    "Ctrl-D"
};
