//! Calls of protected APIs, and what their responses mean.

pub(crate) mod challenge;
pub(crate) mod error;
mod hint;
pub(crate) mod message;
pub(crate) mod operation;
pub(crate) mod replay;
pub(crate) mod request_body;
mod www_authenticate;
