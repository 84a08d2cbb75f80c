//! Tests of the operations: their requests, byte for byte, and the reading of any response.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod input;
mod malformed;
mod paging;
mod payload;
mod properties;
mod publishing;
mod redaction;
mod requests;
mod responses;
mod round_trip;
mod support;
