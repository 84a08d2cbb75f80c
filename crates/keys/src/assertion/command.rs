//! An assertion from the output of a command.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use edge_oauth_driver::AssertionSource;
use edge_oauth_no_io::{AssertionRequest, CredentialError, Secret, printable};
use zeroize::Zeroizing;

use crate::assertion::check::{Rotation, checked};
use crate::clock::Clock;
use crate::read::{LIMIT, read};

/// A command that prints an assertion to its standard output.
///
/// The program is run without a shell, with no input, for at most 10 seconds unless [`timeout`](Self::timeout) sets
/// another time. At most 64 KiB of output are read. Its standard error is discarded, since it may contain a secret.
/// Arguments are not printed in errors or by `Debug`.
///
/// The calling thread waits for the command.
///
/// ```
/// use edge_oauth_driver::AssertionSource;
/// use edge_oauth_keys::AssertionCommand;
/// use edge_oauth_no_io::{AssertionRequest, Purpose};
///
/// let source = AssertionCommand::new("no-such-program").arg("print-identity-token");
/// let error = source.assertion(&AssertionRequest::new(Purpose::ClientAuth)).unwrap_err();
/// assert!(error.to_string().starts_with("the command `no-such-program` cannot be started"));
/// ```
#[derive(Clone)]
pub struct AssertionCommand {
    program: OsString,
    args: Vec<OsString>,
    timeout: Duration,
    clock: Clock,
}

impl AssertionCommand {
    /// Returns a source that runs this program.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            timeout: TIMEOUT,
            clock: Clock::default(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Sets how long the command may run.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the clock that an expired assertion is found with: the time since the Unix epoch.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(now);
        self
    }

    fn place(&self) -> String {
        let program = self.program.to_string_lossy();
        format!("the command `{}`", printable(&program, 256))
    }

    fn output(&self) -> Result<Zeroizing<Vec<u8>>, CredentialError> {
        let place = self.place();
        let started = Instant::now();
        let mut child = Command::new(&self.program)
            .args(&self.args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                CredentialError::permanent(format_args!(
                    "{place} cannot be started: check the program's name and path"
                ))
                .with_source(error)
            })?;
        let result = self.collect(&place, &mut child, started);
        if result.is_err() {
            // It may have ended already, which is as well.
            let _ended = child.kill();
            let _status = child.wait();
        }
        result
    }

    fn collect(
        &self,
        place: &str,
        child: &mut Child,
        started: Instant,
    ) -> Result<Zeroizing<Vec<u8>>, CredentialError> {
        let too_slow = || {
            CredentialError::transient(format_args!(
                "{place} did not end within {:?}: run it by hand, or raise `timeout`",
                self.timeout
            ))
        };
        let failed = |error: io::Error| {
            CredentialError::transient(format_args!("the output of {place} cannot be read"))
                .with_source(error)
        };
        let stdout = child.stdout.take().expect("the output is piped");
        let (sender, receiver) = mpsc::channel();
        // A thread, since a grandchild may keep the pipe open for longer than the command runs.
        thread::Builder::new()
            .spawn(move || sender.send(read(stdout)))
            .map_err(failed)?;
        let left = self.timeout.saturating_sub(started.elapsed());
        let output = receiver.recv_timeout(left).map_err(|_| too_slow())?;
        let output = output.map_err(failed)?.ok_or_else(|| {
            CredentialError::permanent(format_args!(
                "{place} printed more than {LIMIT} bytes: pass a command that prints the assertion alone"
            ))
        })?;
        let status = loop {
            match child.try_wait().map_err(failed)? {
                Some(status) => break status,
                None if started.elapsed() >= self.timeout => return Err(too_slow()),
                // The output has ended, so the command is about to end.
                None => thread::sleep(POLL),
            }
        };
        if status.success() {
            Ok(output)
        } else {
            Err(unsuccessful(place, status))
        }
    }
}

impl AssertionSource for AssertionCommand {
    fn assertion(&self, _request: &AssertionRequest) -> Result<Secret, CredentialError> {
        let place = format!("the output of {}", self.place());
        checked(&self.output()?, &place, Rotation::Rotated, &self.clock)
    }
}

impl fmt::Debug for AssertionCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssertionCommand")
            .field("program", &self.program)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

fn unsuccessful(place: &str, status: ExitStatus) -> CredentialError {
    CredentialError::transient(format_args!(
        "{place} failed with {status}: run it by hand to see its messages"
    ))
}

const TIMEOUT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(2);
