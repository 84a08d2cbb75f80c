//! The keeper: when a token is requested, and how long it is used.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backoff;
mod clocks;
mod events;
mod invalidation;
mod late_outcome;
mod lifetime;
mod new_config;
mod outage;
mod policy;
mod setup;
mod snapshot;
mod stored_token;
mod table;
