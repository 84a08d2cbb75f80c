//! A transport over hyper-util's client, on tokio.

pub(crate) mod client;
pub(crate) mod runtime;
pub(crate) mod source;
pub(crate) mod transport;
mod transport_error;
