//! Messages on standard error, with colours if it is a terminal that shows them, and output on standard output.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use log::{LevelFilter, Log, Metadata, Record};
use serde_json::json;

use crate::output::text::{harmless, shown};

/// Writes a command's output to standard output, in one piece.
pub(crate) fn print(text: impl AsRef<[u8]>) -> io::Result<()> {
    if is_closed() {
        return Err(io::Error::other("is closed"));
    }
    end_progress();
    let mut out = io::stdout().lock();
    out.write_all(text.as_ref())?;
    out.flush()
}

/// Returns false if standard output is lost: it is closed, or the null device.
pub(crate) fn keeps_output() -> bool {
    !is_null()
}

/// Returns whether the program was started with `>&-`. The standard library then opens the null device in place of
/// standard output, for reading too, which `> /dev/null` does not.
#[cfg(unix)]
fn is_closed() -> bool {
    use rustix::fs::{OFlags, fcntl_getfl};

    let flags = fcntl_getfl(io::stdout());
    is_null() && flags.is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDWR)
}

#[cfg(unix)]
fn is_null() -> bool {
    use rustix::fs::{FileType, fstat, stat};

    let (Ok(out), Ok(null)) = (fstat(io::stdout()), stat("/dev/null")) else {
        return false;
    };
    FileType::from_raw_mode(out.st_mode) == FileType::CharacterDevice && out.st_rdev == null.st_rdev
}

#[cfg(not(unix))]
fn is_closed() -> bool {
    false
}

#[cfg(not(unix))]
fn is_null() -> bool {
    false
}

/// Warns of a problem that does not end the run.
pub(crate) fn warning(message: impl fmt::Display) {
    if QUIET.load(Ordering::Relaxed) {
        return;
    }
    let message = plain(&message);
    say(format_args!("{YELLOW}warning{RESET}: {message}"));
}

/// Writes a message for people and logs.
pub(crate) fn note(message: impl fmt::Display) {
    if QUIET.load(Ordering::Relaxed) {
        return;
    }
    say(format_args!("{}", plain(&message)));
}

/// Writes a message if the user asked for details with `-v`.
pub(crate) fn detail(message: impl fmt::Display) {
    if is_verbose() {
        note(message);
    }
}

/// Returns whether the user asked for details with `-v`.
pub(crate) fn is_verbose() -> bool {
    VERBOSE.load(Ordering::Relaxed) > 0
}

/// Writes a question, and leaves its line open.
pub(crate) fn question(text: impl fmt::Display) {
    end_progress();
    write(format_args!("{text}"));
}

/// Writes a command to the runner of a workflow, which does not show it.
pub(crate) fn workflow_command(line: &str) {
    let _ = io::stderr().write_all(line.as_bytes());
}

/// Shows progress in place of the last progress, until the next message or output. Writes only to a terminal.
pub(crate) fn progress(so_far: impl fmt::Display) {
    if io::stderr().is_terminal() && !QUIET.load(Ordering::Relaxed) {
        write(format_args!(
            "\r{ERASE}{}",
            shown(&so_far.to_string(), WIDEST)
        ));
        IS_IN_PROGRESS.store(true, Ordering::Relaxed);
    }
}

/// Erases the progress, if some is shown.
pub(crate) fn end_progress() {
    if IS_IN_PROGRESS.swap(false, Ordering::Relaxed) {
        write(format_args!("\r{ERASE}"));
    }
}

/// Returns whether standard output is a terminal.
pub(crate) fn is_shown_to_person() -> bool {
    io::stdout().is_terminal()
}

/// Writes the error that ends the run, with its exit status in JSON.
pub(crate) fn error(message: &str, next: Option<&str>, status: u8) {
    if JSON_ERRORS.load(Ordering::Relaxed) {
        let error = json!({ "error": { "message": message, "try": next, "status": status } });
        return say(format_args!("{}", harmless(&error.to_string())));
    }
    let message = plain(&message);
    match next.map(|next| plain(&next)) {
        Some(next) => say(format_args!(
            "{RED}error{RESET}: {message}\n  {BOLD}try{RESET}: {next}"
        )),
        None => say(format_args!("{RED}error{RESET}: {message}")),
    }
}

/// Returns the message without characters that control a terminal: a file, an argument or a library may have put them
/// in.
fn plain(message: &dyn fmt::Display) -> String {
    let message = message.to_string();
    let lines: Vec<_> = message
        .split('\n')
        .map(|line| shown(line, usize::MAX))
        .collect();
    lines.join("\n")
}

fn say(message: fmt::Arguments<'_>) {
    end_progress();
    write(format_args!("{message}\n"));
}

/// Writes in one piece: otherwise the messages of runs that share a log could mix. A write error is ignored, since it
/// cannot be reported.
fn write(text: fmt::Arguments<'_>) {
    let text = text.to_string();
    let _ = match AutoStream::choice(&io::stderr()) {
        ColorChoice::Never => io::stderr().write_all(strip_str(&text).to_string().as_bytes()),
        _ => anstream::stderr().write_all(text.as_bytes()),
    };
}

/// Sets the verbosity: from `-v` on the token's progress, from `-vv` on the libraries' logs. ureq's protocol logs the
/// bytes of requests at trace level, secrets and tokens included, so that target is never shown at that level.
pub(crate) fn set_verbosity(verbose: u8, quiet: bool) {
    QUIET.store(quiet, Ordering::Relaxed);
    VERBOSE.store(verbose, Ordering::Relaxed);
    let level = match verbose {
        0 | 1 => return,
        2 => LevelFilter::Debug,
        _ => LevelFilter::Trace,
    };
    if log::set_logger(&Logger).is_ok() {
        log::set_max_level(level);
    }
}

struct Logger;

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() < log::Level::Trace || !metadata.target().starts_with("ureq")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let (level, target) = (record.level(), record.target());
            let message = plain(&record.args());
            say(format_args!("{level} {target}: {message}"));
        }
    }

    fn flush(&self) {}
}

/// Makes the error that ends the run a JSON object.
pub(crate) fn set_json_errors() {
    JSON_ERRORS.store(true, Ordering::Relaxed);
}

/// A longer line would wrap, and only its last part would be erased.
const WIDEST: usize = 76;

static VERBOSE: AtomicU8 = AtomicU8::new(0);
static QUIET: AtomicBool = AtomicBool::new(false);
static IS_IN_PROGRESS: AtomicBool = AtomicBool::new(false);
static JSON_ERRORS: AtomicBool = AtomicBool::new(false);

const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const BOLD: &str = "\u{1b}[1m";
const ERASE: &str = "\u{1b}[K";
const RESET: &str = "\u{1b}[0m";
