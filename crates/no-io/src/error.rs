//! What can go wrong, and whose fault it is.

pub(crate) mod api;
pub(crate) mod config;
pub(crate) mod culprit;
pub(crate) mod token;
pub(crate) mod transport;
