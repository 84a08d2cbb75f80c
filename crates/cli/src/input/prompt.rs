//! A question on the terminal whose answer is not shown.

use std::io;

use zeroize::Zeroizing;

use crate::error::{CliError, Exit};

/// What is typed until the end of the line, without that.
pub(crate) fn hidden(question: &str) -> Result<Zeroizing<String>, CliError> {
    system::read(question).map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => CliError::interrupted(),
        _ => CliError::new(Exit::Credentials, format_args!("the terminal: {error}")),
    })
}

#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io::{self, Read};
    use std::os::fd::AsFd;
    use std::thread;
    use std::time::Duration;

    use rustix::process::{Signal, kill_current_process_group};
    use rustix::termios::{LocalModes, SpecialCodeIndex, Termios, tcgetattr};
    use zeroize::Zeroizing;

    use crate::output::terminal;
    use crate::signals::with_restored;

    pub(super) fn read(question: &str) -> io::Result<Zeroizing<String>> {
        let terminal = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let before = tcgetattr(&terminal)?;
        let modes = hidden(&before);
        let watched = terminal.try_clone()?;
        let line = with_restored(watched, before, modes, question, || line(&terminal))?;
        // The end of the line was not shown either.
        terminal::question("\n");
        let mut line = line?;
        if line.last() == Some(&CTRL_C) {
            // Now that the terminal shows again what is typed: what it would have done by itself.
            let _ = kill_current_process_group(Signal::INT);
            // The thread that has the signals ends the process, as a shell expects it: by the signal.
            thread::park_timeout(Duration::from_secs(1));
            return Err(io::ErrorKind::Interrupted.into());
        }
        if line.len() >= LONGEST {
            return Err(io::Error::other(
                "it takes no line as long as this: use a file",
            ));
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

    /// A terminal hands over a line at a time, and has seen to Backspace and its like.
    fn line(mut terminal: &File) -> io::Result<Zeroizing<Vec<u8>>> {
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

    /// Modes in which what is typed is not shown. Ctrl-C ends the line in place of the run.
    fn hidden(before: &Termios) -> Termios {
        let mut modes = before.clone();
        modes.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG;
        modes.local_modes |= LocalModes::ICANON;
        modes.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        modes
    }

    const CTRL_C: u8 = 3;
    /// Linux takes 4095 bytes and the line's end, and drops what is more.
    const LONGEST: usize = 4096;
}

#[cfg(not(unix))]
mod system {
    use std::io;

    use zeroize::Zeroizing;

    pub(super) fn read(question: &str) -> io::Result<Zeroizing<String>> {
        rpassword::prompt_password(question).map(Zeroizing::new)
    }
}
