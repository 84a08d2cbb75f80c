//! Tokens kept between runs: one file per configuration, which only its client secret opens.
//!
//! ```text
//! read ──▶ usable? use it          a file is replaced whole, so reading takes no lock
//!   no ──▶ lock ──▶ read again ──▶ ask the server ──▶ write ──▶ unlock
//! ```
//!
//! No trouble with the cache is a failure: a run goes on without it. A lock that another run holds is no
//! trouble, but how that run keeps this one from asking for the same.

pub(crate) mod folder;
mod lock;
mod seal;

use std::fmt;
use std::time::Duration;

use edge_oauth_no_io::{CacheKey, Config, Secret, StoredToken};
use ring::digest;

use crate::cache::folder::Folder;
use crate::cache::lock::Lock;
use crate::cache::seal::Sealed;
use crate::terminal;

pub(crate) use crate::cache::seal::{Expiry, as_kept, expiry};

/// The place of one configuration's token.
#[derive(Debug)]
pub(crate) struct Store {
    folder: Folder,
    id: String,
    key: CacheKey,
    secret: Secret,
}

/// A token as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) token: StoredToken,
    /// Whether its life is one that the server did not name.
    pub(crate) assumed: bool,
}

/// Why the cache is of no use, for people.
#[derive(Debug)]
pub(crate) struct Problem(String);

impl Store {
    /// The place for this configuration's token in the user's folder; its secret is the one that is given.
    pub(crate) fn open(config: &Config, secret: &Secret) -> Result<Self, Problem> {
        let folder = Folder::open(Folder::path()?)?;
        Ok(Self::in_folder(folder, config, secret))
    }

    pub(crate) fn in_folder(folder: Folder, config: &Config, secret: &Secret) -> Self {
        Self {
            folder,
            id: id_of(config),
            key: config.cache_key().clone(),
            secret: secret.clone(),
        }
    }

    /// What is kept, whether or not it is still good for anything.
    pub(crate) fn read(&self) -> Result<Option<Entry>, Problem> {
        let Some(bytes) = self.folder.read(&self.file("token"))? else {
            return Ok(None);
        };
        match seal::open(bytes, &self.secret, &self.key) {
            Ok(entry) => Ok(Some(entry)),
            Err(Sealed::OtherSecret) => {
                terminal::detail(
                    "the kept token was bought with another client secret: it is not used",
                );
                Ok(None)
            }
            Err(sealed) => Err(Problem::new(format_args!(
                "{}: {sealed}",
                self.file("token")
            ))),
        }
    }

    /// Keeps other runs from asking for the same token until the lock is dropped. `None` where another run
    /// holds it for all this time.
    pub(crate) fn lock(&self, at_most: Duration) -> Result<Option<Lock>, Problem> {
        let file = self.folder.lock_file(&self.file("lock"))?;
        Lock::of(file, at_most)
    }

    /// Replaces what is kept. Who holds the lock is the only one to write.
    pub(crate) fn write(&self, _: &Lock, entry: &Entry) -> Result<(), Problem> {
        let bytes = seal::seal(entry, &self.secret, &self.key)?;
        self.folder
            .replace(&self.file("token"), &self.file("new"), &bytes)
    }

    /// Whether a run could read and keep a token, found out by doing so. `None` where that is not known,
    /// since another run is at it.
    pub(crate) fn probe(&self) -> Result<Option<()>, Problem> {
        self.read()?;
        let Some(_lock) = self.lock(Duration::ZERO)? else {
            return Ok(None);
        };
        self.folder.probe(&self.file("new")).map(Some)
    }

    fn file(&self, kind: &str) -> String {
        format!("{}.{kind}", self.id)
    }
}

/// What the files of this configuration are called, before the dot. The secret has no part in it.
pub(crate) fn id_of(config: &Config) -> String {
    let hash = digest::digest(&digest::SHA256, config.cache_key().as_ref());
    let hex = hash.as_ref().iter().map(|byte| format!("{byte:02x}"));
    hex.collect()
}

impl Problem {
    fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
