//! A usage error, printed without text that may be a secret.

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::error::{CliError, Exit};
use crate::output::terminal;

/// Prints help and the version on standard output, and errors on standard error with the status of a usage error. The
/// error is JSON if the arguments ask for that.
pub(crate) fn report(mut error: Error) -> ExitCode {
    conceal(&mut error);
    suggest_renamed(&mut error, env::args_os());
    if error.use_stderr() && asks_for_json(env::args_os()) {
        terminal::set_json_errors();
        return one_line(&error).report();
    }
    match (error.print(), error.use_stderr()) {
        // A write error is ignored, since it cannot be reported.
        (_, true) => ExitCode::from(Exit::Usage as u8),
        (Err(error), false) => CliError::from(error).report(),
        (Ok(()), false) => ExitCode::SUCCESS,
    }
}

/// Returns whether an argument chooses JSON. Arguments after `--` are of another command.
fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut is_output = false;
    for argument in arguments.take_while(|argument| argument != "--") {
        let is_whole = argument == "-ojson" || argument == "--output=json";
        if is_whole || is_output && argument == "json" {
            return true;
        }
        is_output = argument == "-o" || argument == "--output";
    }
    false
}

/// Returns the first part of the error, which has the cause.
fn one_line(error: &Error) -> CliError {
    let text = error.to_string();
    let cause = text.split("\n\n").next().unwrap_or_default();
    let lines = cause.trim_start_matches("error: ").lines().map(str::trim);
    let message = lines.collect::<Vec<_>>().join(" ");
    CliError::new(Exit::Usage, message).next("edge-oauth COMMAND --help shows the arguments")
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

/// Suggests the name that an option of the client has in the commands for the APIs.
fn suggest_renamed(error: &mut Error, arguments: impl Iterator<Item = OsString>) {
    let is_option = |argument: &OsString| argument.as_encoded_bytes().starts_with(b"-");
    let command = arguments.skip(1).find(|argument| !is_option(argument));
    if !command.is_some_and(|command| RENAMED_IN.iter().any(|renamed| command == *renamed)) {
        return;
    }
    let new = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(text)) if error.kind() == ErrorKind::UnknownArgument => {
            RENAMED.iter().find(|(old, _)| text == old)
        }
        _ => None,
    };
    if let Some((_, new)) = new {
        error.insert(
            ContextKind::SuggestedArg,
            ContextValue::String((*new).to_owned()),
        );
        // The usage shows the option that clap took for a similar one.
        error.remove(ContextKind::Usage);
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

const RENAMED_IN: [&str; 3] = ["admin", "publish", "keys"];
/// As `ApiArgs` renames them.
const RENAMED: [(&str, &str); 3] = [
    ("--scope", "--token-scope"),
    ("--body", "--token-body"),
    ("--key-file", "--token-key-file"),
];
const LONGEST: usize = 24;
/// The limit for capital letters or digits.
const LONGEST_OTHER: usize = 8;
const CONCEALED: &str = "[not shown]";
