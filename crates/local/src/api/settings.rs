//! The settings of the tenant.

pub(crate) mod json_patch;
pub(crate) mod tenant_settings;
pub(crate) mod ttl;
