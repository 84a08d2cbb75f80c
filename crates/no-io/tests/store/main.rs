//! The rules of a shared store, step by step, and the response that processes share.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calls;
mod error;
mod reference_store;
mod setup;
mod shared_response;
