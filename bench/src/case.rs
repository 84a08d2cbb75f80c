//! What is measured: a name, and a way to do it so many times.

use std::sync::{Arc, OnceLock};

use tokio::runtime::{Builder, Runtime};

/// Does it so many times, on the calling thread.
pub(crate) type Run = Arc<dyn Fn(u64) + Send + Sync>;

/// One row of a table.
pub(crate) struct Case {
    /// Unique, for the command line.
    pub(crate) id: &'static str,
    /// As the report says it.
    pub(crate) who: &'static str,
    pub(crate) make: fn() -> Run,
    /// How often instructions and allocations are counted.
    pub(crate) repeat: u64,
}

impl Case {
    pub(crate) const fn new(id: &'static str, who: &'static str, make: fn() -> Run) -> Self {
        Self {
            id,
            who,
            make,
            repeat: 1000,
        }
    }
}

/// For what the neighbours do beside their callers.
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
