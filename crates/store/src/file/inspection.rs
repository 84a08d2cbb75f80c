//! A store in files as people see it: listed, inspected, probed and cleared.

use std::fmt;
use std::time::Duration;

use edge_oauth_no_io::{Config, StoreError};

use crate::file::file_store::{FileStore, LEASE, LOCK, TOKEN, checked, file};
use crate::file::{holder, record};
use crate::keys::config_id;
use crate::seal::{Expiry, Unopened, expiry};

/// The state of the token of one configuration in a [`FileStore`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFile {
    /// There is no token.
    Missing,
    /// The token opens. It may be expired.
    Sealed,
    /// The token was sealed with another client secret, as before a rotation.
    OtherSecret,
}

impl FileStore {
    /// Returns the configurations that have a token here, by [`config_id`](crate::config_id), and the expiry of each;
    /// `None` if the file is no sealed token.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder cannot be read.
    pub fn list(&self) -> Result<Vec<(String, Option<Expiry>)>, StoreError> {
        let ids = self.folder.list(TOKEN)?;
        let expiry_of = |id: &str| expiry(&self.folder.read(&file(id, TOKEN))?);
        let ids = ids.into_iter().filter(|id| is_config_id(id));
        let listed = ids.map(|id| {
            let expiry = expiry_of(&id);
            (id, expiry)
        });
        Ok(listed.collect())
    }

    /// Looks at the token of a configuration. A store never fails because of a token that it cannot read: it is replaced.
    ///
    /// # Errors
    ///
    /// Returns an error that names the file if no store wrote it, or if it was changed.
    pub fn inspect(&self, config: &Config) -> Result<TokenFile, StoreError> {
        let name = file(&config_id(config), TOKEN);
        let Some(bytes) = self.folder.try_read(&name)? else {
            return Ok(TokenFile::Missing);
        };
        let entry = record::entry_from_bytes(&bytes);
        let unopened = entry.map(|entry| {
            let sealed = entry.response.unwrap_or_default();
            let seal = self.keys.seal(config)?;
            Ok::<_, StoreError>(seal.check(entry.number, sealed))
        });
        let error = |what: &dyn fmt::Display| Err(StoreError::new(format_args!("{name}: {what}")));
        match unopened.transpose()? {
            Some(None) => Ok(TokenFile::Sealed),
            Some(Some(Unopened::OtherSecret)) => Ok(TokenFile::OtherSecret),
            Some(Some(Unopened::OtherFormat(version))) => {
                error(&format_args!("is of another format ({version})"))
            }
            Some(Some(Unopened::Damaged)) => error(&"is damaged"),
            Some(Some(Unopened::Foreign)) | None => error(&"is not a kept token"),
        }
    }

    /// Finds out whether a process could read and store the token of a configuration, by doing so. Returns false if
    /// another process holds the lock at the moment.
    ///
    /// # Errors
    ///
    /// Returns the error that a process would get.
    pub fn probe(&self, config: &Config) -> Result<bool, StoreError> {
        self.inspect(config)?;
        let id = config_id(config);
        let lock = self.folder.lock_within(&file(&id, LOCK), Duration::ZERO)?;
        if lock.is_some() {
            self.folder.probe(&file(&id, TOKEN))?;
        }
        Ok(lock.is_some())
    }

    /// Removes the files of all configurations, error responses included. Returns the number of tokens.
    ///
    /// # Errors
    ///
    /// Returns an error if a file cannot be removed, or if another process is at it for all of the timeout.
    pub fn clear(&self, timeout: Duration) -> Result<usize, StoreError> {
        let mut ids = self.folder.list(TOKEN)?;
        ids.extend(self.folder.list(LEASE)?);
        ids.sort();
        ids.dedup();
        let ids = ids.iter().filter(|id| is_config_id(id));
        let removed = ids.map(|id| self.remove(id, timeout).map(usize::from));
        removed.sum()
    }

    /// Removes the files of one configuration. Returns whether there was a token.
    ///
    /// # Errors
    ///
    /// Returns an error if a file cannot be removed, or if another process is at it for all of the timeout.
    pub fn remove(&self, config_id: &str, timeout: Duration) -> Result<bool, StoreError> {
        let config_id = checked(config_id)?;
        let _lock = self.folder.lock(&file(config_id, LOCK), timeout)?;
        let was_there = self.folder.try_remove(&file(config_id, TOKEN))?;
        self.folder.try_remove(&file(config_id, LEASE))?;
        self.folder.remove(&holder::name(config_id));
        // A process that waits for it goes on with the file that is gone, which costs one request at most.
        self.folder.remove(&file(config_id, LOCK));
        Ok(was_there)
    }
}

/// Returns whether the name is one of [`config_id`]: files of others in the folder are left alone.
fn is_config_id(id: &str) -> bool {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    id.len() == 64 && id.bytes().all(hex)
}
