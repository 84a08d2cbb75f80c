//! Many keepers and one token endpoint that fails: one of them probes it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../common/mod.rs"]
mod common;

mod chaos;
mod clients;
mod fleet;
mod pool;
mod probes;
mod process;
