//! Questions on the controlling terminal, so that standard input stays free.

use std::io::{self, IsTerminal};

use zeroize::Zeroizing;

use crate::env::variable;
use crate::error::{CliError, Exit};
use crate::output::terminal;

/// Returns whether a person can be asked: there is a terminal, questions are seen on it, and this is no job.
pub(crate) fn can_ask() -> Result<bool, CliError> {
    Ok(io::stderr().is_terminal() && system::has_terminal() && variable("CI")?.is_none())
}

/// Asks, and returns the typed line without its end. Text that was typed before the question is ignored.
pub(crate) fn line(question: &str) -> Result<String, CliError> {
    let typed = system::line(question);
    let typed =
        typed.map_err(|error| CliError::new(Exit::Other, format_args!("the terminal: {error}")))?;
    Ok(typed.trim().to_owned())
}

/// Asks, and returns whether the typed line is `y` or `yes`, in any letter case.
pub(crate) fn confirms(question: &str) -> Result<bool, CliError> {
    let typed = line(question)?.to_ascii_lowercase();
    Ok(["y", "yes"].contains(&typed.as_str()))
}

/// Asks until `read` accepts the typed line, three times at most. `read` returns the reason why it does not.
pub(crate) fn until<T>(
    question: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, CliError> {
    for _ in 1..ATTEMPTS {
        match read(&line(question)?) {
            Ok(value) => return Ok(value),
            Err(reason) => terminal::question(format_args!("{reason}\n")),
        }
    }
    read(&line(question)?).map_err(|reason| CliError::new(Exit::Usage, reason))
}

/// Asks, and returns the typed line without its end.
pub(crate) fn hidden(question: &str) -> Result<Zeroizing<String>, CliError> {
    system::read(question).map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => CliError::interrupted(),
        _ => CliError::new(Exit::Credentials, format_args!("the terminal: {error}")),
    })
}

const ATTEMPTS: u32 = 3;

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io::{self, BufRead, BufReader, Read};
    use std::thread;
    use std::time::Duration;

    use rustix::process::{Signal, kill_current_process_group};
    use rustix::termios::{
        LocalModes, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    };
    use zeroize::Zeroizing;

    use crate::output::terminal;
    use crate::signals::with_restored;

    pub(super) fn has_terminal() -> bool {
        open().is_ok()
    }

    fn open() -> io::Result<File> {
        File::options().read(true).write(true).open("/dev/tty")
    }

    pub(super) fn line(question: &str) -> io::Result<String> {
        let terminal = open()?;
        // A `yes` that was typed earlier answers another question.
        let _ = tcflush(&terminal, QueueSelector::IFlush);
        terminal::question(question);
        let mut line = String::new();
        let limited = BufReader::new(terminal.take(LONGEST as u64)).read_line(&mut line)?;
        match limited {
            0 => Err(io::Error::other("it was closed")),
            _ => Ok(line),
        }
    }

    pub(super) fn read(question: &str) -> io::Result<Zeroizing<String>> {
        let terminal = open()?;
        let before = tcgetattr(&terminal)?;
        let modes = hidden(&before);
        let watched = terminal.try_clone()?;
        let line = with_restored(watched, before, modes, question, || hidden_line(&terminal))?;
        // The end of the line was hidden too.
        terminal::question("\n");
        let mut line = line?;
        if line.last() == Some(&CTRL_C) {
            // The terminal shows input again, so it can do its default for Ctrl-C.
            let _ = kill_current_process_group(Signal::INT);
            // The thread for signals ends the process by the signal, as shells expect.
            thread::park_timeout(Duration::from_secs(1));
            return Err(io::ErrorKind::Interrupted.into());
        }
        if line.len() >= LONGEST {
            return Err(io::Error::other("the line is too long: use a file"));
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        let text = String::from_utf8(std::mem::take(&mut *line));
        text.map(Zeroizing::new).map_err(|error| {
            drop(Zeroizing::new(error.into_bytes()));
            io::Error::other("what was typed is not text in UTF-8")
        })
    }

    /// Reads a line. The terminal has handled Backspace and similar keys.
    fn hidden_line(mut terminal: &File) -> io::Result<Zeroizing<Vec<u8>>> {
        let mut line = Zeroizing::new(vec![0; LONGEST]);
        let mut length = 0;
        while length < LONGEST && !matches!(line[..length], [.., b'\n' | CTRL_C]) {
            match terminal.read(&mut line[length..]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        line.truncate(length);
        Ok(line)
    }

    /// Returns modes that hide input. Ctrl-C ends the line and not the process.
    fn hidden(before: &Termios) -> Termios {
        let mut modes = before.clone();
        modes.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG;
        modes.local_modes |= LocalModes::ICANON;
        modes.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        modes
    }

    const CTRL_C: u8 = 3;
    /// Linux accepts 4095 bytes and the line's end, and discards the rest.
    const LONGEST: usize = 4096;
}

#[cfg(not(unix))]
mod system {
    use std::io::{self, IsTerminal};

    use zeroize::Zeroizing;

    use crate::output::terminal;

    pub(super) fn has_terminal() -> bool {
        io::stdin().is_terminal()
    }

    pub(super) fn line(question: &str) -> io::Result<String> {
        terminal::question(question);
        let mut line = String::new();
        match io::stdin().read_line(&mut line)? {
            0 => Err(io::Error::other("it was closed")),
            _ => Ok(line),
        }
    }

    pub(super) fn read(question: &str) -> io::Result<Zeroizing<String>> {
        rpassword::prompt_password(question).map(Zeroizing::new)
    }
}
