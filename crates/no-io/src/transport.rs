//! The contract between the core and whatever sends its requests.

mod certificate;
pub(crate) mod error;
pub(crate) mod limited_body;
mod no_proxy;
pub(crate) mod proxy;
pub(crate) mod proxy_environment;
