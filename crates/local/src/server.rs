//! The simulator without IO, and the server on the loopback that runs it.

pub(crate) mod connection;
pub(crate) mod local_edge;
pub(crate) mod response;
pub(crate) mod shared;
pub(crate) mod simulator;
pub(crate) mod webhook_sender;
