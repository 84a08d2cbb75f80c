//! An assertion in a file that a platform rotates.

use std::fs::{self, File, FileType};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::Duration;

use edge_oauth_driver::AssertionSource;
use edge_oauth_no_io::{AssertionRequest, CredentialError, Secret, printable};

use crate::assertion::check::{Rotation, checked};
use crate::assertion::read::{LIMIT, read};
use crate::clock::Clock;

/// A file with an assertion, such as a projected service account token of Kubernetes.
///
/// The file is opened and read for each attempt, so a rotated assertion is used at once, also if the platform swaps a
/// symbolic link to its folder. At most 64 KiB are read, and a newline at the end is removed. A missing, empty or
/// expired file is a transient error, since the platform may be about to replace it. A named pipe, a device or a socket
/// is a permanent error: to read one could take forever.
///
/// ```
/// use edge_oauth_driver::AssertionSource;
/// use edge_oauth_keys::AssertionFile;
/// use edge_oauth_no_io::{AssertionRequest, Purpose};
///
/// let source = AssertionFile::new("/var/run/secrets/tokens/missing");
/// let error = source.assertion(&AssertionRequest::new(Purpose::ClientAuth)).unwrap_err();
/// assert!(error.is_transient());
/// assert!(error.to_string().starts_with("the file `/var/run/secrets/tokens/missing` does not exist"));
/// ```
#[derive(Clone, Debug)]
pub struct AssertionFile {
    path: PathBuf,
    clock: Clock,
}

impl AssertionFile {
    /// Returns a source that reads this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            clock: Clock::default(),
        }
    }

    /// Sets the clock that an expired assertion is found with: the time since the Unix epoch.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(now);
        self
    }

    /// Opens the file once for one read: the bytes are of one file, also while a link to it is swapped.
    fn open(&self) -> io::Result<File> {
        // Before it is opened, since that waits for the other end of a pipe; and after, since a link may be swapped.
        regular(fs::metadata(&self.path)?.file_type())?;
        let file = File::open(&self.path)?;
        regular(file.metadata()?.file_type())?;
        Ok(file)
    }

    fn place(&self) -> String {
        format!(
            "the file `{}`",
            printable(&self.path.display().to_string(), 256)
        )
    }
}

impl AssertionSource for AssertionFile {
    fn assertion(&self, _request: &AssertionRequest) -> Result<Secret, CredentialError> {
        match self.open().and_then(read) {
            Ok(Some(text)) => checked(&text, &self.place(), Rotation::Rotated, &self.clock),
            Ok(None) => Err(CredentialError::permanent(format_args!(
                "{} has more than {LIMIT} bytes: pass the path of a file with the assertion alone",
                self.place()
            ))),
            Err(error) => Err(unreadable(&self.place(), error)),
        }
    }
}

/// Returns an error for everything but a regular file.
fn regular(file_type: FileType) -> io::Result<()> {
    match file_type {
        file_type if file_type.is_file() => Ok(()),
        file_type if file_type.is_dir() => Err(ErrorKind::IsADirectory.into()),
        _ => Err(io::Error::new(ErrorKind::InvalidInput, NOT_REGULAR)),
    }
}

fn unreadable(place: &str, error: io::Error) -> CredentialError {
    let failure = match error.kind() {
        ErrorKind::NotFound => CredentialError::transient(format_args!(
            "{place} does not exist: check the path and that the platform mounts it"
        )),
        ErrorKind::PermissionDenied => CredentialError::permanent(format_args!(
            "{place} may not be read by this user: change its permissions or the user"
        )),
        ErrorKind::IsADirectory => CredentialError::permanent(format_args!(
            "{place} is a folder: pass the path of the file in it"
        )),
        ErrorKind::InvalidInput => CredentialError::permanent(format_args!(
            "{place} is no regular file: pass the path of one, or run a program that prints the assertion with \
             `AssertionCommand`"
        )),
        _ => CredentialError::transient(format_args!(
            "{place} cannot be read: check its disk or mount"
        )),
    };
    failure.with_source(error)
}

const NOT_REGULAR: &str = "it is a named pipe, a device or a socket";
