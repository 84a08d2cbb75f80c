//! The error of a run: cause, advice and exit status.

use std::fmt;
use std::io;
use std::process::ExitCode;

use edge_oauth_driver::{CallError, system_time};
use edge_oauth_no_io::{ApiError, ConfigError, RetryAfter, TokenError, TransportErrorKind};

use crate::origin::Origin;
use crate::output::terminal;

/// The exit statuses, a stable interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Any other error.
    Other = 1,
    /// The command line, the configuration file or the input is wrong.
    Usage = 2,
    /// Credentials are missing or unusable.
    Credentials = 3,
    /// The server sent an error response, or a response that is not valid.
    Refused = 4,
    /// No response arrived.
    Network = 5,
    /// A publishing job failed.
    JobFailed = 6,
    /// A publishing job was canceled.
    JobCanceled = 7,
}

/// The description for `--help`, the man page and the README.
pub(crate) const EXIT_STATUS: &str = "\
Exit status:
  0  ok
  1  anything else
  2  usage: the command line, the configuration file or the input is wrong
  3  no credentials, or unusable ones
  4  refused by the server
  5  network or timeout
  6  a publishing job failed
  7  a publishing job was canceled";

/// An error that ends the run.
#[derive(Debug)]
pub(crate) struct CliError {
    exit: u8,
    message: Option<String>,
    next: Option<String>,
}

impl CliError {
    /// Creates an error. `message` says what failed and why, in the user's terms, without secrets or tokens.
    pub(crate) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self {
            exit: exit as u8,
            message: Some(message.to_string()),
            next: None,
        }
    }

    /// Returns the silent error of a run that Ctrl-C ended.
    pub(crate) fn interrupted() -> Self {
        Self::silent(INTERRUPTED)
    }

    fn silent(exit: u8) -> Self {
        Self {
            exit,
            message: None,
            next: None,
        }
    }

    /// Sets an exit status of another convention.
    pub(crate) fn status(mut self, status: u8) -> Self {
        self.exit = status;
        self
    }

    /// Sets the advice: a command to try, or another step.
    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// Adds the advice on a file that cannot be opened.
    pub(crate) fn about_file(self, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => self.next(MISSING_FILE),
            io::ErrorKind::PermissionDenied => self.next(UNREADABLE_FILE),
            _ => self,
        }
    }

    /// Replaces a part of the message.
    pub(crate) fn replacing(mut self, part: &str, other: &str) -> Self {
        self.message = self.message.map(|message| message.replace(part, other));
        self
    }

    /// Adds the origin of the wrong value to the message.
    pub(crate) fn blaming(self, origin: &Origin) -> Self {
        self.noting(format_args!("from {origin}"))
    }

    /// Adds a note to the message, in parentheses.
    pub(crate) fn noting(mut self, note: impl fmt::Display) -> Self {
        if let Some(message) = &mut self.message {
            *message += &format!(" ({note})");
        }
        self
    }

    /// Returns the exit status, the message and the advice.
    pub(crate) fn into_parts(self) -> (u8, String, Option<String>) {
        (self.exit, self.message.unwrap_or_default(), self.next)
    }

    /// Writes the error to standard error.
    pub(crate) fn report(self) -> ExitCode {
        if let Some(message) = &self.message {
            terminal::error(message, self.next.as_deref(), self.exit);
        }
        ExitCode::from(self.exit)
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.as_deref().unwrap_or_default())
    }
}

/// An error on standard output. A reader may close it early, so a broken pipe is silent.
impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::silent(BROKEN_PIPE);
        }
        Self::new(Exit::Other, format_args!("standard output: {error}"))
    }
}

impl From<TokenError> for CliError {
    fn from(error: TokenError) -> Self {
        let exit = match &error {
            TokenError::Transport(_) => Exit::Network,
            TokenError::Credential(_) => Exit::Credentials,
            _ => Exit::Refused,
        };
        let wait = retry_after_text(error.retry_after());
        Self::new(exit, format_args!("no token: {error}{wait}"))
            .next(error.hint().unwrap_or(DOCTOR))
    }
}

impl From<ApiError> for CliError {
    fn from(error: ApiError) -> Self {
        let wait = retry_after_text(error.retry_after());
        let failure = Self::new(Exit::Refused, format_args!("{error}{wait}"));
        match (error.hint(), error.is_transient()) {
            (Some(hint), _) => failure.next(hint),
            (None, true) => failure.next(MAYBE_DONE),
            (None, false) => failure,
        }
    }
}

impl From<CallError> for CliError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Token(error) => error.into(),
            CallError::Api(error) => error.into(),
            CallError::Transport(error) => {
                let next = match error.kind() {
                    TransportErrorKind::Timeout | TransportErrorKind::Closed => MAYBE_DONE,
                    TransportErrorKind::Certificate => {
                        "use --cacert FILE, if the authority is your own"
                    }
                    _ => "use another --url or SITECORE_EDGE_URL; -v shows the origin of the URL",
                };
                Self::new(
                    Exit::Network,
                    format_args!("no response of the API: {error}"),
                )
                .next(next)
            }
            CallError::UrlNotAllowed => Self::new(Exit::Usage, error),
            _ => Self::new(Exit::Refused, error),
        }
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        let is_about_credentials = matches!(
            &error,
            ConfigError::Empty { parameter }
            | ConfigError::Character { parameter }
            | ConfigError::TrailingNewline { parameter }
                if ["client_id", "client_secret"].contains(parameter)
        );
        let exit = if is_about_credentials {
            Exit::Credentials
        } else {
            Exit::Usage
        };
        match &error {
            ConfigError::TrailingNewline { parameter } => {
                Self::new(exit, format_args!("{parameter} ends in a line break"))
                    .next("use printf %s instead of echo; a line break at the end of a secret's file does no harm")
            }
            ConfigError::Reserved { parameter } => {
                let message = format!("{parameter} is no extra parameter of the token request");
                Self::new(exit, message).next("use the option for it, such as --client-id, --scope or --grant")
            }
            _ => Self::new(exit, error),
        }
    }
}

/// Returns the text on `Retry-After`, empty without one.
fn retry_after_text(retry_after: Option<RetryAfter>) -> String {
    let Some(retry_after) = retry_after else {
        return String::new();
    };
    let wait = retry_after.wait(system_time().wall).as_secs();
    format!("; the server asks to wait for {wait} s")
}

const MISSING_FILE: &str = "check the path; a relative path begins at the current folder";
const UNREADABLE_FILE: &str = "check that this user may read the file and enter its folder";

const DOCTOR: &str = "run edge-oauth doctor, which checks each step on the way to a token";

const MAYBE_DONE: &str =
    "retry later; if the command changes data, first check whether it took effect";

/// The exit statuses that a shell reports after SIGPIPE and SIGINT.
const BROKEN_PIPE: u8 = 141;
const INTERRUPTED: u8 = 130;
