//! An assertion in a file that a platform rotates.

use std::fs::File;
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
/// expired file is a transient error, since the platform may be about to replace it.
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

    fn place(&self) -> String {
        format!(
            "the file `{}`",
            printable(&self.path.display().to_string(), 256)
        )
    }
}

impl AssertionSource for AssertionFile {
    fn assertion(&self, _request: &AssertionRequest) -> Result<Secret, CredentialError> {
        // One open for one read: the bytes are of one file, also while a link to it is swapped.
        match File::open(&self.path).and_then(read) {
            Ok(Some(text)) => checked(&text, &self.place(), Rotation::Rotated, &self.clock),
            Ok(None) => Err(CredentialError::permanent(format_args!(
                "{} has more than {LIMIT} bytes: pass the path of a file with the assertion alone",
                self.place()
            ))),
            Err(error) => Err(unreadable(&self.place(), error)),
        }
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
        _ => CredentialError::transient(format_args!(
            "{place} cannot be read: check its disk or mount"
        )),
    };
    failure.with_source(error)
}
