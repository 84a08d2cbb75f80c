//! A secret or an assertion from the output of a command, such as `op read op://vault/edge/secret`.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use edge_oauth_driver::system_time;
use zeroize::Zeroizing;

use crate::error::{CliError, Exit};
use crate::input::file;
use crate::input::timeout::within;

/// Returns the output of the command, which the shell runs. Its messages go to standard error.
pub(crate) fn read(
    named: &str,
    line: &str,
    time: Duration,
) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let fails =
        |what: &str| CliError::new(Exit::Credentials, format_args!("{named} {what}")).next(BY_HAND);
    let mut child = shell(line)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| fails(&format!("cannot be started: {error}")))?;
    let output = child.stdout.take().expect("the output is piped");
    let end = system_time().after(time).monotonic;
    let Some(output) = within(time, move || file::all(output, file::LARGEST_SECRET)) else {
        // It may have ended meanwhile.
        let _ = child.kill();
        let _ = child.wait();
        return Err(fails("did not end in time"));
    };
    // A command that prints more would wait for a reader.
    if output.is_err() {
        let _ = child.kill();
    }
    // A command may close its output and go on.
    let status = loop {
        match child
            .try_wait()
            .map_err(|error| fails(&error.to_string()))?
        {
            Some(status) => break status,
            None if system_time().monotonic < end => thread::sleep(SLICE),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(fails("did not end in time"));
            }
        }
    };
    let output = output.map_err(|error| fails(&format!("printed text that {error}")))?;
    match status.success() {
        true => Ok(output),
        false => Err(fails(&format!("failed: {status}"))),
    }
}

#[cfg(unix)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    command
}

#[cfg(windows)]
fn shell(line: &str) -> Command {
    use std::os::windows::process::CommandExt;

    let mut command = Command::new("cmd");
    // The shell has quotes of its own, so the line is passed unchanged.
    command
        .args(["/D", "/S", "/C"])
        .raw_arg(format!("\"{line}\""));
    command
}

/// The advice on a command that fails.
pub(crate) const BY_HAND: &str =
    "run the command by hand; the command line, a variable or the profile has it";

/// The time after which the end of the command is seen.
const SLICE: Duration = Duration::from_millis(10);
