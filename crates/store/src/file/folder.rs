//! A folder that belongs to one user. No link is followed in it.

use std::fmt;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Write};
use std::path::{self, Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use edge_oauth_no_io::StoreError;

use crate::file::private_file::{private, read_file};

#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Creates the folder if it is missing. Rejects a folder that other users can write to.
    pub(super) fn open(path: PathBuf) -> Result<Self, StoreError> {
        let folder = Self::at(path);
        folder.create()?;
        folder.check()?;
        Ok(folder)
    }

    /// Opens the folder if there is one.
    pub(super) fn existing(path: PathBuf) -> Result<Option<Self>, StoreError> {
        let folder = Self::at(path);
        match fs::symlink_metadata(&folder.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            _ => folder.check().map(|()| Some(folder)),
        }
    }

    /// Makes the path absolute: the program may change its current folder, whose owner counts too.
    fn at(path: PathBuf) -> Self {
        let path = path::absolute(&path).unwrap_or(path);
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the names of the files of one kind, without the kind.
    pub(super) fn list(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        let entries = fs::read_dir(&self.path).map_err(|error| self.error(&error))?;
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(|error| self.error(&error))?.file_name();
            let parts = name.to_str().and_then(|name| name.split_once('.'));
            if let Some((id, _)) = parts.filter(|(_, found)| *found == kind) {
                names.push(id.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Returns a file's bytes; `None` if there is no file, or one that no store wrote. Such a file must not fail a
    /// claim, or it is never replaced.
    // fault: store-file-that-cannot-be-read
    pub(super) fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.try_read(name).ok()?
    }

    /// Returns a file's bytes; `None` if there is no file.
    pub(super) fn try_read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match read_file(&self.path.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_error(name, &error)),
        }
    }

    /// Replaces a file as one step: a reader sees the old bytes or the new ones. Only the holder of the lock may call
    /// it, since the new bytes are written to one other file first.
    ///
    /// Nothing is flushed to the disk: it takes 100 ms on a busy one, while others wait for the lock, and a lost file
    /// costs one request.
    pub(super) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let new = format!("{name}.new");
        let written = self
            .create_new(&new)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(self.path.join(&new), self.path.join(name)));
        written.map_err(|error| {
            self.remove(&new);
            file_error(name, &error)
        })
    }

    /// Writes the file from which [`replace`](Self::replace) makes a new one, and removes it.
    pub(super) fn probe(&self, name: &str) -> Result<(), StoreError> {
        let new = format!("{name}.new");
        let written = self
            .create_new(&new)
            .and_then(|mut file| file.write_all(&[0; 1024]));
        self.remove(&new);
        written.map_err(|error| file_error(name, &error))
    }

    /// Creates a file, in place of an old one if there is one.
    pub(super) fn create_new(&self, name: &str) -> io::Result<File> {
        self.remove(name);
        private()
            .create_new(true)
            .write(true)
            .open(self.path.join(name))
    }

    /// Opens a file to find out whether it is locked.
    pub(super) fn open_existing(&self, name: &str) -> io::Result<File> {
        private().read(true).open(self.path.join(name))
    }

    /// Removes a file, or a link in its place. Returns whether there was one.
    pub(super) fn remove(&self, name: &str) -> bool {
        fs::remove_file(self.path.join(name)).is_ok()
    }

    /// Removes a file, or a link in its place. Returns whether there was one.
    pub(super) fn try_remove(&self, name: &str) -> Result<bool, StoreError> {
        match fs::remove_file(self.path.join(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => {
                let path = self.path.join(name);
                let detail = format_args!("{} is not removed: {error}", path.display());
                Err(StoreError::new(detail))
            }
        }
    }

    /// Locks a file until the result is dropped. The system ends the lock of a process that dies.
    pub(super) fn lock(&self, name: &str, timeout: Duration) -> Result<File, StoreError> {
        let busy = || {
            StoreError::new(format_args!(
                "another process holds {name} for longer than {timeout:?}"
            ))
        };
        self.lock_within(name, timeout)?.ok_or_else(busy)
    }

    /// Locks a file as [`lock`](Self::lock) does; `None` if another process holds it for all of the time.
    pub(super) fn lock_within(
        &self,
        name: &str,
        timeout: Duration,
    ) -> Result<Option<File>, StoreError> {
        let file = match self.lock_file(name) {
            // The folder may have been removed since it was opened.
            Err(_) => {
                self.create()?;
                self.check()?;
                self.lock_file(name)
            }
            opened => opened,
        };
        let file = file.map_err(|error| file_error(name, &error))?;
        let began = Instant::now();
        let mut pause = SHORTEST_PAUSE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::Error(error)) => return Err(file_error(name, &error)),
                Err(TryLockError::WouldBlock) => {}
            }
            let left = timeout.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Ok(None);
            }
            // The standard library's waiting lock has no timeout.
            thread::sleep(pause.min(left));
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }

    fn lock_file(&self, name: &str) -> io::Result<File> {
        let mut options = private();
        options.create(true).write(true);
        options.open(self.path.join(name))
    }

    fn create(&self) -> Result<(), StoreError> {
        if fs::symlink_metadata(&self.path).is_ok() {
            return Ok(());
        }
        self.check_above()?;
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.path)
            .map_err(|error| self.error(&error))
    }

    /// Refuses a folder in a home that was left to root, as by `sudo`: its user could not write to it.
    // fault: cache-in-the-home-of-another-user
    #[cfg(unix)]
    fn check_above(&self) -> Result<(), StoreError> {
        use std::os::unix::fs::MetadataExt;

        let mut above = self.path.ancestors().skip(1);
        let nearest = above.find_map(|folder| fs::metadata(folder).ok());
        let user = rustix::process::geteuid().as_raw();
        match nearest {
            Some(nearest) if ![0, user].contains(&nearest.uid()) => {
                Err(self.error(&"is not created: the folder above belongs to another user"))
            }
            _ => Ok(()),
        }
    }

    #[cfg(not(unix))]
    fn check_above(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn check(&self) -> Result<(), StoreError> {
        let metadata = fs::symlink_metadata(&self.path).map_err(|error| self.error(&error))?;
        if !metadata.is_dir() {
            return Err(self.error(&"is not a folder, or a link to one"));
        }
        // Elsewhere a user's folder is private by default.
        #[cfg(unix)]
        self.check_owner(&metadata)?;
        Ok(())
    }

    #[cfg(unix)]
    fn check_owner(&self, metadata: &fs::Metadata) -> Result<(), StoreError> {
        use std::os::unix::fs::MetadataExt;

        let mode = metadata.mode() & 0o777;
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            Err(self.error(&"belongs to another user"))
        } else if mode & 0o022 != 0 {
            Err(self.error(&format_args!(
                "can be written by others (mode {mode:04o}): run chmod 700"
            )))
        } else {
            Ok(())
        }
    }

    fn error(&self, detail: &dyn fmt::Display) -> StoreError {
        StoreError::new(format_args!("{}: {detail}", self.path.display()))
    }
}

fn file_error(name: &str, error: &io::Error) -> StoreError {
    StoreError::new(format_args!("{name}: {error}"))
}

const SHORTEST_PAUSE: Duration = Duration::from_micros(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(5);
