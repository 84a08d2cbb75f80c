//! Signals whose default action would do harm.

#[cfg(unix)]
pub(crate) use self::unix::{tolerate_file_limits, until_ended_as_init, with_restored};

#[cfg(not(unix))]
pub(crate) fn tolerate_file_limits() {}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io;
    use std::process::{self, ExitCode};
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
