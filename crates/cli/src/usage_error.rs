//! A usage error, printed without text that may be a secret.

use std::process::ExitCode;

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::error::Exit;

/// Prints help and the version on standard output, and errors on standard error with the status of a usage error.
pub(crate) fn report(mut error: Error) -> ExitCode {
    conceal(&mut error);
    // A write error is ignored, since it cannot be reported.
    let _ = error.print();
    match error.use_stderr() {
        true => ExitCode::from(Exit::Usage as u8),
        false => ExitCode::SUCCESS,
    }
}

/// Conceals a wrong argument: it may be a misplaced token or secret, and a job's log would keep it.
fn conceal(error: &mut Error) {
    let typed = match error.kind() {
        // In the other kinds this is a known argument.
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        _ => ContextKind::InvalidValue,
    };
    let Some(ContextValue::String(text)) = error.get(typed) else {
        return;
    };
    if !is_plain(text) {
        error.insert(typed, ContextValue::String(CONCEALED.to_owned()));
        // The suggestion would repeat the argument.
        error.remove(ContextKind::Suggested);
    }
}

/// Returns whether the text is like an option's name, a word or a number, and so not a secret or a token.
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
/// The limit for capital letters or digits.
const LONGEST_OTHER: usize = 8;
const CONCEALED: &str = "[not shown]";
