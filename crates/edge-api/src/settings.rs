//! The cache settings of a tenant, and the operations on settings, cache and content.

pub(crate) mod cache_settings;
pub(crate) mod operations;
pub(crate) mod settings_patch;
pub(crate) mod ttl;
