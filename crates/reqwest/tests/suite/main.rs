//! The transport against servers on the loopback.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod callers_client;
mod environment;
mod redirects;
mod responses;
mod runtime;
mod server;
mod wire;
