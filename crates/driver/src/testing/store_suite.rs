//! The tests that each shared store has to pass.

mod handle;
mod rows;

use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::system_time;
use crate::store::Store;
use crate::testing::store_suite::handle::Handle;
use crate::testing::store_suite::rows::{ROWS, ROWS_OF_ONE};

/// Runs the conformance suite of stores: the rules of
/// [`ReferenceStore`](edge_oauth_no_io::ReferenceStore), over two handles of one store and with its own clock.
///
/// `open` returns a handle as another process would have it. Each row uses a configuration of its own, so the store
/// need not be empty. An [`AsyncStore`](crate::AsyncStore) takes part through a [`Store`] that blocks on it.
///
/// ```
/// use std::sync::Arc;
/// use edge_oauth_driver::testing::{MemoryStore, check_store};
///
/// let store = Arc::new(MemoryStore::new());
/// check_store(|| store.clone());
/// ```
///
/// # Panics
///
/// Panics with the name of the row if the store breaks a rule or fails.
pub fn check_store<S: Store + Send + Sync>(open: impl Fn() -> S) {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    let count = RUNS.fetch_add(1, Ordering::Relaxed);
    let run = format!("{:?} {} {count}", system_time().wall, std::process::id());
    let (one, other) = (open(), open());
    for (name, row) in ROWS {
        row(
            &Handle::new(&run, name, &one),
            &Handle::new(&run, name, &other),
        );
    }
    for (name, row) in ROWS_OF_ONE {
        row(&Handle::new(&run, name, &one));
    }
}
