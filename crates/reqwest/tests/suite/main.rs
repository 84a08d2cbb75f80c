//! The transport against servers on the loopback.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod callers_client;
mod environment;
mod peer;
mod redirects;
mod runtime;
mod wire;
