//! What people read: messages on standard error, in colour where that is a terminal that wants it.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU8, Ordering};

use log::{LevelFilter, Log, Metadata, Record};

/// Writes to standard output, whole, where the answer to the command goes and nothing else.
pub(crate) fn answer(text: impl AsRef<[u8]>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_ref())?;
    out.flush()
}

/// Something went otherwise than the user may think, and the run goes on.
pub(crate) fn warning(message: impl std::fmt::Display) {
    say(format_args!("{YELLOW}warning{RESET}: {message}"));
}

/// What a person at a terminal wants to know, and a log should show.
pub(crate) fn note(message: impl std::fmt::Display) {
    say(format_args!("{message}"));
}

/// What happens on the way, for who asked with `-v`.
pub(crate) fn detail(message: impl std::fmt::Display) {
    if VERBOSE.load(Ordering::Relaxed) > 0 {
        note(message);
    }
}

/// How far a long answer is, in place of what was said of that before. Only on a terminal; nothing ends it.
pub(crate) fn progress(so_far: impl std::fmt::Display) {
    if io::stderr().is_terminal() {
        let _ = write!(anstream::stderr(), "\r{ERASE}{so_far}");
    }
}

/// Whether a person sees what is written to standard output.
pub(crate) fn shows_answers() -> bool {
    io::stdout().is_terminal()
}

/// The run ends.
pub(crate) fn error(message: &str, next: Option<&str>) {
    say(format_args!("{RED}error{RESET}: {message}"));
    if let Some(next) = next {
        say(format_args!("  {BOLD}try{RESET}: {next}"));
    }
}

/// Where standard error cannot be written to, there is nobody to tell.
fn say(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// How much is said: from `-v` on what happens to the token, from `-vv` on what the libraries log. ureq's protocol writes the bytes on the wire into
/// its trace log, secrets and tokens among them, so that target is never shown at that level.
pub(crate) fn talk_up_to(verbose: u8) {
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
