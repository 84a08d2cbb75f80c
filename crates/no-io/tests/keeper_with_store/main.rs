//! Keepers that share a store: who makes the request, and what the others get.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod failing_endpoint;
mod lease_holders;
mod one_machine;
mod own_outcome;
mod rejected_token;
mod request_time;
mod setup;
mod shared_error;
mod shared_token;
mod store_faults;
