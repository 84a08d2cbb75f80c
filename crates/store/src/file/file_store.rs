//! The store in files.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use edge_oauth_driver::{Store, StoreKey};
use edge_oauth_no_io::{
    Claim, Claimed, Config, Finish, Found, ReferenceStore, StoreEntry, StoreError, StoreLease,
};

use crate::file::folder::Folder;
use crate::file::holder::{self, Holders};
use crate::file::record;
use crate::keys::StoreKeys;
use crate::seal::{Expiry, expiry};

/// A shared store in a folder, for the processes of one user on one machine.
///
/// | file | contents |
/// |---|---|
/// | `ID-NAME.token` | the sealed token. It is replaced as one step and read without a lock |
/// | `ID-NAME.lease` | the lease, and the sealed error response of its holder |
/// | `ID-NAME.holder` | empty. The holder of the lease has a lock on it, so a process that dies is followed at once |
/// | `ID-NAME.lock` | empty. It is locked for the microseconds of one step |
///
/// `ID` is the hash of the configuration, and `NAME` depends on its secret too: two secrets share no file. The files of
/// another secret are removed when a token is stored after theirs has expired.
///
/// The folder belongs on a local disk, and is created for the user alone. A folder that other users can write to is
/// refused. A stopped process can block the others for the timeout of their call at most, and then they go on without
/// the store.
///
/// A call blocks its thread, so for tasks put the store into a [`StoreThread`](crate::StoreThread).
///
/// ```
/// use edge_oauth_driver::Store;
/// use edge_oauth_no_io::{Config, Secret};
/// use edge_oauth_store::FileStore;
///
/// # let folder = std::env::temp_dir().join(format!("edge-oauth-doctest-{}", std::process::id()));
/// # let cleanup = folder.clone();
/// let store = FileStore::open(folder)?;
/// let builder = Config::builder("https://login.example/token", "id");
/// let key = store.key(&builder.client_secret(Secret::new("s3cret")).build()?)?;
/// assert!(store.list()?.is_empty() && key.config_id().len() == 64);
/// # std::fs::remove_dir_all(cleanup)?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct FileStore {
    pub(super) folder: Folder,
    pub(super) keys: StoreKeys,
    holders: Holders,
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
}

impl FileStore {
    /// Opens the store in a folder, which is created if it is missing. Entries are sealed with the client secret.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder cannot be created, or if it is not the user's alone.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Folder::open(path.into()).map(Self::with_folder)
    }

    /// Opens the store as [`open`](Self::open) does if the folder exists, and creates nothing.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder is not the user's alone.
    pub fn open_existing(path: impl Into<PathBuf>) -> Result<Option<Self>, StoreError> {
        let folder = Folder::existing(path.into())?;
        Ok(folder.map(Self::with_folder))
    }

    fn with_folder(folder: Folder) -> Self {
        Self {
            folder,
            keys: StoreKeys::from_client_secret(),
            holders: Holders::default(),
            clock: Box::new(wall),
        }
    }

    /// Seals entries with these keys.
    #[must_use]
    pub fn with_keys(mut self, keys: StoreKeys) -> Self {
        self.keys = keys;
        self
    }

    /// Removes the files of one place. Returns whether there was a token.
    pub(super) fn remove_place(&self, place: &str, timeout: Duration) -> Result<bool, StoreError> {
        let _lock = self.folder.lock(&file(place, LOCK), timeout)?;
        let was_there = self.folder.try_remove(&file(place, TOKEN))?;
        self.folder.try_remove(&file(place, LEASE))?;
        self.folder.remove(&holder::name(place));
        // A process that waits for it goes on with the file that is gone, which costs one request at most.
        self.folder.remove(&file(place, LOCK));
        Ok(was_there)
    }

    /// Returns the places of one configuration, one for each of its secrets.
    pub(super) fn places(&self, config_id: &str) -> Result<BTreeSet<String>, StoreError> {
        let mut places = BTreeSet::new();
        for kind in [TOKEN, LEASE, LOCK] {
            places.extend(self.folder.list(kind)?);
        }
        places.retain(|place| {
            let parts = place.split_once('-');
            parts.is_some_and(|(id, name)| id == config_id && is_plain(name))
        });
        Ok(places)
    }

    /// Removes what another secret of the same configuration has left, such as the one before a rotation.
    fn remove_expired(&self, key: &StoreKey, own: &str, now: Duration) -> Result<(), StoreError> {
        for place in self.places(key.config_id())? {
            let token_ended = self.expiry(&place).is_some_and(|expiry| expiry.at <= now);
            let lease_ended = || {
                self.lease(&place)
                    .is_none_or(|(lease, _)| lease.ends <= now)
            };
            if place != own && token_ended && lease_ended() {
                self.remove_place(&place, Duration::ZERO)?;
            }
        }
        Ok(())
    }

    pub(super) fn expiry(&self, place: &str) -> Option<Expiry> {
        expiry(&self.folder.read(&file(place, TOKEN))?)
    }

    #[cfg(test)]
    pub(super) fn with_clock(
        mut self,
        clock: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        self.clock = Box::new(clock);
        self
    }

    fn entry(&self, id: &str) -> Option<StoreEntry<Vec<u8>>> {
        record::entry_from_bytes(&self.folder.read(&file(id, TOKEN))?)
    }

    /// Returns the lease, and whether its holder has a lock.
    fn lease(&self, id: &str) -> Option<(StoreLease<Vec<u8>>, bool)> {
        record::lease_from_bytes(&self.folder.read(&file(id, LEASE))?)
    }

    fn write_lease(
        &self,
        id: &str,
        lease: &StoreLease<Vec<u8>>,
        has_holder: bool,
    ) -> Result<(), StoreError> {
        let bytes = record::lease_to_bytes(lease, has_holder);
        self.folder.replace(&file(id, LEASE), &bytes)
    }
}

impl Store for FileStore {
    fn key(&self, config: &Config) -> Result<StoreKey, StoreError> {
        self.keys.key(config)
    }

    fn claim(&self, key: &StoreKey, claim: &Claim) -> Result<Claimed<Vec<u8>>, StoreError> {
        let id = &place(key)?;
        // A token is replaced as one step, so this look needs no lock.
        let (entry, now) = (self.entry(id), (self.clock)());
        let state = ReferenceStore { entry, lease: None };
        if let Some(found @ Found::Entry { .. }) = state.look(claim, now) {
            return Ok(Claimed { now, found });
        }

        let _lock = self.folder.lock(&file(id, LOCK), claim.timeout)?;
        let now = (self.clock)();
        let (lease, has_holder) = self.lease(id).unzip();
        let entry = self.entry(id);
        let mut state = ReferenceStore { entry, lease };
        // fault: holder-of-the-lease-is-killed
        if let Some(Found::Taken {
            error_response: None,
            ..
        }) = state.look(claim, now)
            && has_holder.unwrap_or_default()
            && holder::is_dead(&self.folder, id)
            && let Some(lease) = &mut state.lease
        {
            // fault: fleet-follows-a-killed-holder
            // The next number is past the end of the lease, as if the lease had run out, since it was not ended.
            lease.number = lease.number.max(record::micros(lease.ends));
            lease.ends = now;
        }
        let claimed = state.claim(claim, now);
        if let (Found::Lease { number }, Some(lease)) = (&claimed.found, &state.lease) {
            let has_holder = self.holders.hold(&self.folder, id, *number);
            let written = self.write_lease(id, lease, has_holder);
            written.inspect_err(|_| self.holders.release(id, *number))?;
        }
        Ok(claimed)
    }

    fn finish(&self, key: &StoreKey, finish: Finish<Vec<u8>>) -> Result<bool, StoreError> {
        let (id, number) = (&place(key)?, finish.number);
        let lock = self.folder.lock(&file(id, LOCK), finish.timeout)?;
        let lease = self.lease(id).map(|(lease, _)| lease);
        let entry = self.entry(id);
        let mut state = ReferenceStore { entry, lease };
        let now = (self.clock)();
        let accepted = state.finish(finish, now);
        if let Some(entry) = state.entry.filter(|_| accepted) {
            self.folder
                .replace(&file(id, TOKEN), &record::entry_to_bytes(&entry))?;
        }
        // The lease of a later holder is not changed.
        if let Some(lease) = state.lease.filter(|lease| lease.number == number) {
            self.write_lease(id, &lease, false)?;
            self.folder.remove(&holder::name(id));
        }
        self.holders.release(id, number);
        drop(lock);
        if accepted {
            // Files that stay cost nothing.
            let _ = self.remove_expired(key, id, now);
        }
        Ok(accepted)
    }

    fn is_local(&self) -> bool {
        true
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore")
            .field("path", &self.folder.path())
            .finish_non_exhaustive()
    }
}

/// Returns the name of a configuration's files, without their kind.
pub(super) fn place(key: &StoreKey) -> Result<String, StoreError> {
    let (id, name) = (checked(key.config_id())?, checked(key.name())?);
    Ok(format!("{id}-{name}"))
}

/// A name that leads out of the folder is refused.
pub(super) fn checked(id: &str) -> Result<&str, StoreError> {
    let error = || StoreError::new("the configuration's id is not a hash");
    is_plain(id).then_some(id).ok_or_else(error)
}

pub(super) fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Returns the time to the microsecond: a caller that refreshes takes a token only if it was requested since, and the last
/// tick of a coarse clock may be before both.
fn wall() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default()
}

pub(super) fn file(id: &str, kind: &str) -> String {
    format!("{id}.{kind}")
}

pub(super) const TOKEN: &str = "token";
pub(super) const LEASE: &str = "lease";
pub(super) const LOCK: &str = "lock";
