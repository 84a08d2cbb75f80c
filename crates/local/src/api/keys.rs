//! The keys of the Delivery API.

pub(crate) mod delivery_keys;
pub(crate) mod key_query;
