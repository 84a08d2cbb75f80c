//! Locks that show whether the holder of a lease is alive.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::sync::{Mutex, PoisonError};

use crate::file::folder::Folder;

/// The locks of the leases that this process has.
///
/// The holder of a lease keeps a lock on a file for as long as it has the lease. The system ends the lock of a process
/// that dies, so another one follows at once. Each lease gets a new file: the lock of a stopped process, whose lease is
/// over, is on the old one.
///
/// All methods are called under the lock of the store key.
#[derive(Debug, Default)]
pub(super) struct Holders(Mutex<HashMap<String, (u64, File)>>);

impl Holders {
    /// Takes the lock for a lease. Returns false if the file system has no locks: the lease then ends by time only.
    pub(super) fn hold(&self, folder: &Folder, id: &str, number: u64) -> bool {
        let file = folder.create_new(&name(id)).ok();
        let Some(file) = file.filter(|file| file.try_lock().is_ok()) else {
            return false;
        };
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(id.to_owned(), (number, file));
        true
    }

    /// Ends the lock of a lease, if this process has it.
    pub(super) fn release(&self, id: &str, number: u64) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.get(id).is_some_and(|(latest, _)| *latest == number) {
            held.remove(id);
        }
    }
}

/// Returns true if the process that got the latest lease is gone.
pub(super) fn is_dead(folder: &Folder, id: &str) -> bool {
    let Ok(file) = folder.open_existing(&name(id)) else {
        return false;
    };
    match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
    }
}

pub(super) fn name(id: &str) -> String {
    format!("{id}.holder")
}
