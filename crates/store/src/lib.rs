//! Shares access tokens between processes.

mod keys;
mod seal;

pub use keys::{StoreKeys, config_id};
pub use seal::{Expiry, expiry};
