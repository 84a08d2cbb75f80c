//! A case: a name, and a function that repeats one operation.

use std::sync::{Arc, OnceLock};

use tokio::runtime::{Builder, Runtime};

/// Repeats the operation on the calling thread.
pub(crate) type Run = Arc<dyn Fn(u64) + Send + Sync>;

/// One row of a table.
pub(crate) struct Case {
    /// Unique, for the command line.
    pub(crate) id: &'static str,
    /// The name in the report.
    pub(crate) name: &'static str,
    pub(crate) make: fn() -> Run,
    /// The number of repetitions for counting instructions and allocations.
    pub(crate) repeat: u64,
}

impl Case {
    pub(crate) const fn new(id: &'static str, name: &'static str, make: fn() -> Run) -> Self {
        Self {
            id,
            name,
            make,
            repeat: 1000,
        }
    }
}

/// Returns the runtime for the background tasks of other libraries.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime of one thread")
    })
}
