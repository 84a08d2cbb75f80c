//! Reads the response of a token endpoint.

pub(crate) mod classify;
pub(crate) mod error;
pub(crate) mod raw;
pub(crate) mod response;
