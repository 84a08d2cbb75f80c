//! The back end of this crate for surf.

pub(crate) mod client;
mod connection;
mod conversion;
mod fair;
mod tunnel;
