//! The contract between the core and whatever sends its requests.

pub(crate) mod error;
pub(crate) mod limited_body;
