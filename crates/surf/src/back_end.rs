//! A back end for surf, of which the rest of the crate uses only what any back end has.

pub(crate) mod client;
mod connection;
mod conversion;
mod fair;
mod tunnel;
