//! The driver under test: many callers, one token, and a transport that a test holds in its hand.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod assertions;
mod blocking;
mod bodies;
mod calls;
mod cancelled;
mod errors;
mod lost_leases;
mod nonblocking;
mod oauth2_client;
mod panics;
mod settle;
mod shared_store;
mod stage;
mod store_panics;
mod time_bound;
mod try_token;
mod wishes;
