//! Delivery keys, and the operations on them.

pub(crate) mod created_key;
pub(crate) mod key;
pub(crate) mod key_filter;
pub(crate) mod key_hash;
pub(crate) mod key_page;
pub(crate) mod list_keys;
pub(crate) mod new_key;
pub(crate) mod operations;
pub mod scope;
