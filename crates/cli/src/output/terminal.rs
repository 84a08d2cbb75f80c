//! What people read: messages on standard error, in colour where that is a terminal that wants it.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU8, Ordering};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use log::{LevelFilter, Log, Metadata, Record};

/// Writes to standard output, whole, where the answer to the command goes and nothing else.
pub(crate) fn print(text: impl AsRef<[u8]>) -> io::Result<()> {
    if is_closed() {
        return Err(io::Error::other("is closed"));
    }
    let mut out = io::stdout().lock();
    out.write_all(text.as_ref())?;
    out.flush()
}

/// Returns false if what is written to standard output is lost: it is closed, or the null device.
pub(crate) fn keeps_output() -> bool {
    !is_null()
}

/// Standard output is closed when a program starts with `>&-`. The standard library then opens the null
/// device in its place, for reading too, which `> /dev/null` does not.
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

/// Something went otherwise than the user may think, and the run goes on.
pub(crate) fn warning(message: impl fmt::Display) {
    say(format_args!("{YELLOW}warning{RESET}: {message}"));
}

/// What a person at a terminal wants to know, and a log should show.
pub(crate) fn note(message: impl fmt::Display) {
    say(format_args!("{message}"));
}

/// What happens on the way, for who asked with `-v`.
pub(crate) fn detail(message: impl fmt::Display) {
    if VERBOSE.load(Ordering::Relaxed) > 0 {
        note(message);
    }
}

/// What is asked, on a line that stays open.
pub(crate) fn question(text: impl fmt::Display) {
    write(format_args!("{text}"));
}

/// Drops what was typed before the question that comes next.
pub(crate) fn discard_typed() {
    #[cfg(unix)]
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
}

/// How far a long answer is, in place of what was said of that before. Only on a terminal; nothing ends it.
pub(crate) fn progress(so_far: impl fmt::Display) {
    if io::stderr().is_terminal() {
        write(format_args!("\r{ERASE}{so_far}"));
    }
}

/// Whether a person sees what is written to standard output.
pub(crate) fn is_shown_to_person() -> bool {
    io::stdout().is_terminal()
}

/// The run ends.
pub(crate) fn error(message: &str, next: Option<&str>) {
    match next {
        Some(next) => say(format_args!(
            "{RED}error{RESET}: {message}\n  {BOLD}try{RESET}: {next}"
        )),
        None => say(format_args!("{RED}error{RESET}: {message}")),
    }
}

fn say(message: fmt::Arguments<'_>) {
    write(format_args!("{message}\n"));
}

/// In one piece, or the messages of runs that share a log would run into each other. Where standard error
/// cannot be written to, there is nobody to tell.
fn write(text: fmt::Arguments<'_>) {
    let text = text.to_string();
    let _ = match AutoStream::choice(&io::stderr()) {
        ColorChoice::Never => io::stderr().write_all(strip_str(&text).to_string().as_bytes()),
        _ => anstream::stderr().write_all(text.as_bytes()),
    };
}

/// How much is said: from `-v` on what happens to the token, from `-vv` on what the libraries log. ureq's
/// protocol writes the bytes on the wire into its trace log, secrets and tokens among them, so that target is
/// never shown at that level.
pub(crate) fn set_verbosity(verbose: u8) {
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
            say(format_args!("{level} {target}: {}", record.args()));
        }
    }

    fn flush(&self) {}
}

static VERBOSE: AtomicU8 = AtomicU8::new(0);

const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const BOLD: &str = "\u{1b}[1m";
const ERASE: &str = "\u{1b}[K";
const RESET: &str = "\u{1b}[0m";
