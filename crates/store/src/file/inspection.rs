//! A store in files as people see it: listed, inspected, probed and cleared.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use edge_oauth_no_io::{Config, StoreError};

use crate::file::file_store::{FileStore, LEASE, LOCK, TOKEN, checked, file, is_plain, place};
use crate::file::record;
use crate::seal::{Expiry, Unopened};

/// The state of the token of one configuration in a [`FileStore`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// Returns the configurations that have a token here, by [`config_id`](crate::config_id), and the latest expiry of
    /// each; `None` if no file is a sealed token.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder cannot be read.
    pub fn list(&self) -> Result<Vec<(String, Option<Expiry>)>, StoreError> {
        let mut listed = BTreeMap::<String, Option<Expiry>>::new();
        for place in self.folder.list(TOKEN)? {
            if let Some(id) = config_id_of(&place) {
                let latest = listed.entry(id.to_owned()).or_default();
                let expiry = self.expiry(&place);
                if expiry.map(|expiry| expiry.at) > latest.map(|expiry| expiry.at) {
                    *latest = expiry;
                }
            }
        }
        Ok(listed.into_iter().collect())
    }

    /// Looks at the token of a configuration. A store never fails because of a token that it cannot read: it is replaced.
    ///
    /// # Errors
    ///
    /// Returns an error that names the file if no store wrote it, or if it was changed.
    pub fn inspect(&self, config: &Config) -> Result<TokenFile, StoreError> {
        let key = self.keys.key(config)?;
        let (_, seal) = self.keys.name_and_seal(config)?;
        let name = file(&place(&key)?, TOKEN);
        let Some(bytes) = self.folder.try_read(&name)? else {
            let tokens = self.folder.list(TOKEN)?;
            let is_rotated = tokens
                .iter()
                .any(|place| config_id_of(place) == Some(key.config_id()));
            return Ok(match is_rotated {
                true => TokenFile::OtherSecret,
                false => TokenFile::Missing,
            });
        };
        let entry = record::entry_from_bytes(&bytes);
        let unopened = entry.map(|entry| {
            let sealed = entry.response.unwrap_or_default();
            seal.check(entry.number, sealed)
        });
        let error = |what: &dyn fmt::Display| Err(StoreError::new(format_args!("{name}: {what}")));
        match unopened {
            Some(None) => Ok(TokenFile::Sealed),
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
        let own = place(&self.keys.key(config)?)?;
        let lock = self.folder.lock_within(&file(&own, LOCK), Duration::ZERO)?;
        if lock.is_some() {
            self.folder.probe(&file(&own, TOKEN))?;
        }
        Ok(lock.is_some())
    }

    /// Removes the files of all configurations, error responses included. Returns the number of tokens.
    ///
    /// # Errors
    ///
    /// Returns an error if a file cannot be removed, or if another process is at it for all of the timeout.
    pub fn clear(&self, timeout: Duration) -> Result<usize, StoreError> {
        let mut places = BTreeSet::new();
        for kind in [TOKEN, LEASE] {
            places.extend(self.folder.list(kind)?);
        }
        places.retain(|place| config_id_of(place).is_some());
        let removed = places.iter().map(|place| self.remove_place(place, timeout));
        removed.map(|removed| removed.map(usize::from)).sum()
    }

    /// Removes the files of one configuration, whatever its secret. Returns whether there was a token.
    ///
    /// # Errors
    ///
    /// Returns an error if a file cannot be removed, or if another process is at it for all of the timeout.
    pub fn remove(&self, config_id: &str, timeout: Duration) -> Result<bool, StoreError> {
        let mut was_there = false;
        for place in self.places(checked(config_id)?)? {
            was_there |= self.remove_place(&place, timeout)?;
        }
        Ok(was_there)
    }
}

/// Returns the configuration of a place. Files of others in the folder are left alone.
fn config_id_of(place: &str) -> Option<&str> {
    let (id, name) = place.split_once('-')?;
    (is_config_id(id) && is_plain(name)).then_some(id)
}

fn is_config_id(id: &str) -> bool {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    id.len() == 64 && id.bytes().all(hex)
}
