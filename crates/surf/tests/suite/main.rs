//! The transport against a local Experience Edge, and against servers that misbehave.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod back_end;
mod caller;
mod server;
mod tls;
mod token;
mod wire;
