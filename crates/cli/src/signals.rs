//! Signals whose default action would do harm.

use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use edge_oauth_driver::system_time;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::error::{CliError, Exit};

#[cfg(unix)]
pub(crate) use self::unix::{tolerate_file_limits, until_ended_as_init, with_restored};

#[cfg(not(unix))]
pub(crate) fn tolerate_file_limits() {}

/// Ctrl-C and SIGTERM, noted for a command that has more to say or to do. A second one ends the process at once.
#[derive(Debug)]
pub(crate) struct Interrupts {
    signal: Arc<AtomicUsize>,
    is_seen: Arc<AtomicBool>,
}

impl Interrupts {
    /// Notes signals from now on.
    pub(crate) fn note() -> io::Result<Self> {
        let noted = Self {
            signal: Arc::default(),
            is_seen: Arc::default(),
        };
        for signal in [SIGINT, SIGTERM] {
            let is_second = Arc::new(AtomicBool::new(false));
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&is_second))?;
            flag::register(signal, is_second)?;
            let number = usize::try_from(signal).map_err(io::Error::other)?;
            flag::register_usize(signal, Arc::clone(&noted.signal), number)?;
        }
        ARE_NOTED.store(true, Ordering::Relaxed);
        Ok(noted)
    }

    /// Returns the exit status for the signal that came, if any. The command acts on it then.
    pub(crate) fn status(&self) -> Option<u8> {
        let status = status(self.signal.load(Ordering::Relaxed))?;
        self.is_seen.store(true, Ordering::Relaxed);
        Some(status)
    }

    /// Ends the process if a signal comes and the command does not see it soon, since a server hangs. `last_words` are
    /// written then.
    pub(crate) fn end_if_unseen(&self, last_words: impl Fn() + Send + 'static) -> io::Result<()> {
        let (signal, is_seen) = (Arc::clone(&self.signal), Arc::clone(&self.is_seen));
        let watch = move || {
            let status = loop {
                thread::sleep(SLICE);
                if let Some(status) = status(signal.load(Ordering::Relaxed)) {
                    break status;
                }
            };
            thread::sleep(GRACE);
            if !is_seen.load(Ordering::Relaxed) {
                last_words();
                process::exit(status.into());
            }
        };
        let thread = thread::Builder::new().name("edge-oauth-interrupts".to_owned());
        thread.spawn(watch)?;
        Ok(())
    }

    /// Waits, for less time if `is_over` says so. A signal does not end the wait by itself, since the standard library
    /// sleeps on.
    pub(crate) fn wait(&self, time: Duration, is_over: impl Fn(&Self) -> bool) {
        let end = system_time().after(time).monotonic;
        while !is_over(self) {
            let left = end.saturating_sub(system_time().monotonic);
            if left.is_zero() {
                break;
            }
            thread::sleep(left.min(SLICE));
        }
    }
}

/// Returns the error of signals that cannot be noted.
pub(crate) fn no_signals(error: io::Error) -> CliError {
    CliError::new(Exit::Other, format_args!("signals: {error}"))
}

/// Returns the exit status for a signal, which is 0 if none came.
fn status(signal: usize) -> Option<u8> {
    (signal != 0).then(|| u8::try_from(128 + signal).ok())?
}

/// True once a command notes signals.
static ARE_NOTED: AtomicBool = AtomicBool::new(false);

/// The time after which a signal is seen.
const SLICE: Duration = Duration::from_millis(50);

/// The time for a command to act on a signal.
const GRACE: Duration = Duration::from_millis(500);

/// Leaves Ctrl-C to the command: the console sends it to both processes, and this one waits for the exit status.
#[cfg(not(unix))]
pub(crate) fn leave_interrupts_to_the_command() {
    use signal_hook::{consts::SIGINT, flag};

    let _ = flag::register(SIGINT, std::sync::Arc::default());
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io;
    use std::process::{self, ExitCode};
    use std::sync::atomic::Ordering;
    use std::sync::{Arc, Mutex, OnceLock, PoisonError};
    use std::thread;

    use rustix::termios::{OptionalActions, Termios, tcsetattr};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGXFSZ};
    use signal_hook::iterator::Signals;
    use signal_hook::{flag, low_level};

    use crate::output::terminal;

    /// Makes writes beyond the file size limit fail, so that they do not end the process. Commands that run later get
    /// the default again.
    pub(crate) fn tolerate_file_limits() {
        let _ = flag::register(SIGXFSZ, Arc::default());
    }

    /// Waits for SIGINT or SIGTERM if the process is the first one of a container, for which the system has no
    /// default action. Returns `None` at once for every other process.
    pub(crate) fn until_ended_as_init() -> Option<ExitCode> {
        if process::id() != 1 {
            return None;
        }
        let signal = Signals::new([SIGINT, SIGTERM]).ok()?.forever().next()?;
        let status = u8::try_from(128 + signal).ok()?;
        Some(ExitCode::from(status))
    }

    /// A terminal with changed modes, and the question on it.
    struct Changed {
        terminal: File,
        before: Termios,
        modes: Termios,
        question: String,
    }

    /// Does work with changed modes of the terminal. They are restored afterwards, and also if a signal ends or stops
    /// the process meanwhile.
    pub(crate) fn with_restored<T>(
        terminal: File,
        before: Termios,
        modes: Termios,
        question: &str,
        work: impl FnOnce() -> T,
    ) -> io::Result<T> {
        watch()?;
        let changed = Changed {
            terminal,
            before,
            modes,
            question: question.to_owned(),
        };
        let mut place = lock();
        changed.set(&changed.modes)?;
        terminal::question(question);
        *place = Some(changed);
        drop(place);
        let done = work();
        if let Some(changed) = lock().take() {
            let _ = changed.set(&changed.before);
        }
        Ok(done)
    }

    impl Changed {
        fn set(&self, modes: &Termios) -> io::Result<()> {
            Ok(tcsetattr(&self.terminal, OptionalActions::Flush, modes)?)
        }
    }

    /// Starts the thread that handles signals. It runs until the process ends, since without it the signals would be
    /// ignored.
    fn watch() -> io::Result<()> {
        if WATCHED.get().is_some() {
            return Ok(());
        }
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP])?;
        thread::Builder::new()
            .name("edge-oauth-signals".to_owned())
            .spawn(move || signals.forever().for_each(act))?;
        let _ = WATCHED.set(());
        Ok(())
    }

    /// Ends or stops the process, as is the signal's default. After a stop, the question is asked again.
    fn act(signal: i32) {
        let place = lock();
        let is_noted = super::ARE_NOTED.load(Ordering::Relaxed);
        if place.is_none() && is_noted && [SIGINT, SIGTERM].contains(&signal) {
            return;
        }
        if let Some(changed) = &*place {
            let _ = changed.set(&changed.before);
        }
        let _ = low_level::emulate_default_handler(signal);
        if let Some(changed) = &*place {
            let _ = changed.set(&changed.modes);
            terminal::question(&changed.question);
        }
    }

    fn lock() -> std::sync::MutexGuard<'static, Option<Changed>> {
        CHANGED.lock().unwrap_or_else(PoisonError::into_inner)
    }

    static CHANGED: Mutex<Option<Changed>> = Mutex::new(None);
    static WATCHED: OnceLock<()> = OnceLock::new();
}
