//! Reads the response of a token endpoint.

pub(crate) mod assertion_hint;
pub(crate) mod classify;
pub(crate) mod error;
pub(crate) mod error_body;
mod error_member;
mod failure;
pub(crate) mod lifetime;
pub(crate) mod malformed;
pub(crate) mod raw;
pub(crate) mod repair;
pub(crate) mod response;
pub(crate) mod value;
pub(crate) mod verdict;
