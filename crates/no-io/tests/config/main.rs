//! Configurations that are refused, and those that are accepted.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod credentials;
mod endpoint;
mod keys;
mod parameters;
mod printed;
mod setup;
