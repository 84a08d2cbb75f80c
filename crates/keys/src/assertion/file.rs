//! An assertion in a file that a platform rotates.

use std::path::PathBuf;
use std::time::Duration;

use edge_oauth_driver::AssertionSource;
use edge_oauth_no_io::{AssertionRequest, CredentialError, Secret};

use crate::assertion::check::{Rotation, checked};
use crate::clock::Clock;
use crate::read::{self, place};

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
}

impl AssertionSource for AssertionFile {
    fn assertion(&self, _request: &AssertionRequest) -> Result<Secret, CredentialError> {
        let text = read::file(&self.path, "the assertion")?;
        checked(&text, &place(&self.path), Rotation::Rotated, &self.clock)
    }
}
