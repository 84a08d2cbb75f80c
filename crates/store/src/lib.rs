//! Shares access tokens between processes.

mod file;
mod keys;
mod seal;
mod thread;

pub use file::file_store::FileStore;
pub use keys::{StoreKeys, config_id};
pub use seal::{Expiry, expiry};
pub use thread::StoreThread;
