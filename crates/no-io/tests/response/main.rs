//! Responses of a token endpoint: their texts, sizes and secrets. `vectors.rs` reads most others.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod echo;
mod error_response;
mod malformed;
mod setup;
mod token;
