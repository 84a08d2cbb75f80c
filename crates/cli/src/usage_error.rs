//! A command line that cannot be read, told without what may be a secret in it.

use std::process::ExitCode;

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::error::Exit;

/// Help and the version on standard output; all else on standard error, with the status of a usage error.
pub(crate) fn report(mut error: Error) -> ExitCode {
    conceal(&mut error);
    // Where it cannot be written, there is nobody to tell.
    let _ = error.print();
    match error.use_stderr() {
        true => ExitCode::from(Exit::Usage as u8),
        false => ExitCode::SUCCESS,
    }
}

/// A token or a secret in the wrong place would be repeated, and kept in the log of a job.
fn conceal(error: &mut Error) {
    let typed = match error.kind() {
        // In the other kinds this is an argument that there is.
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        _ => ContextKind::InvalidValue,
    };
    let Some(ContextValue::String(text)) = error.get(typed) else {
        return;
    };
    if !is_plain(text) {
        error.insert(typed, ContextValue::String(CONCEALED.to_owned()));
        // How to pass it as a value, where it would stand again.
        error.remove(ContextKind::Suggested);
    }
}

/// Returns whether this is an option's name, a word or a number, as nobody makes a secret or a token.
fn is_plain(text: &str) -> bool {
    let within = |longest: usize, fits: fn(&u8) -> bool| {
        text.len() <= longest && text.as_bytes().iter().all(&fits)
    };
    within(LONGEST, |byte| matches!(byte, b'a'..=b'z' | b'-'))
        || within(LONGEST_OTHER, u8::is_ascii_uppercase)
        || within(LONGEST_OTHER, u8::is_ascii_digit)
        || matches!(text.as_bytes(), [b'-', letter] if letter.is_ascii_alphanumeric())
}

const LONGEST: usize = 24;
/// Of capital letters, or digits, alone.
const LONGEST_OTHER: usize = 8;
const CONCEALED: &str = "[not shown]";
