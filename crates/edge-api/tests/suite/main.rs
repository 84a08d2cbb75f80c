//! The operations under test: what they send, byte for byte, and what they make of any answer.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod input;
mod malformed;
mod paging;
mod payload;
mod properties;
mod secrecy;
mod support;
mod survival;
mod wire;
