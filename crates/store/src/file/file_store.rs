//! The store in files.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use edge_oauth_driver::{Store, StoreKey, system_time};
use edge_oauth_no_io::{
    Claim, Claimed, Config, Finish, Found, ReferenceStore, StoreEntry, StoreError, StoreLease,
};

use crate::file::folder::Folder;
use crate::file::holder::{self, Holders};
use crate::file::record;
use crate::keys::StoreKeys;

/// A shared store in a folder, for the processes of one user on one machine.
///
/// | file | contents |
/// |---|---|
/// | `ID.token` | the sealed token. It is replaced as one step and read without a lock |
/// | `ID.lease` | the lease, and the sealed error response of its holder |
/// | `ID.holder` | empty. The holder of the lease has a lock on it, so a process that dies is followed at once |
/// | `ID.lock` | empty. It is locked for the microseconds of one step |
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
            clock: Box::new(|| system_time().wall),
        }
    }

    /// Seals entries with these keys.
    #[must_use]
    pub fn with_keys(mut self, keys: StoreKeys) -> Self {
        self.keys = keys;
        self
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
        let id = checked(key.config_id())?;
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
            lease.number = lease.number.max(micros(lease.ends));
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
        let (id, number) = (checked(key.config_id())?, finish.number);
        let _lock = self.folder.lock(&file(id, LOCK), finish.timeout)?;
        let lease = self.lease(id).map(|(lease, _)| lease);
        let entry = self.entry(id);
        let mut state = ReferenceStore { entry, lease };
        let accepted = state.finish(finish, (self.clock)());
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

/// A name that leads out of the folder is refused.
pub(super) fn checked(id: &str) -> Result<&str, StoreError> {
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let error = || StoreError::new("the configuration's id is not a hash");
    plain.then_some(id).ok_or_else(error)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

pub(super) fn file(id: &str, kind: &str) -> String {
    format!("{id}.{kind}")
}

pub(super) const TOKEN: &str = "token";
pub(super) const LEASE: &str = "lease";
pub(super) const LOCK: &str = "lock";
