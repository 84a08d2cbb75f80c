//! The contract between the core and whatever sends its requests.

mod certificate;
pub(crate) mod error;
pub(crate) mod error_kind;
pub(crate) mod limited_body;
mod no_proxy;
pub(crate) mod proxy;
pub(crate) mod proxy_environment;
pub(crate) mod request_limits;
