//! The transport against a local Experience Edge, and against peers that misbehave.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod back_end;
mod caller;
mod peer;
mod tls;
mod token;
mod wire;
