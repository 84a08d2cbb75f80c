//! The driver under a scheduler that tries thread schedules: `bash .ci/schedules`.
//!
//! `shuttle` tries random schedules of whole calls, `loom` every schedule of the notifier and of the cache.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stderr, reason = "a failure tells how to repeat it")]

#[cfg(shuttle)]
mod check;
#[cfg(loom)]
mod exhaustive;
#[cfg(shuttle)]
mod pool;
#[cfg(shuttle)]
mod scenarios;
#[cfg(shuttle)]
mod seeded;
#[cfg(shuttle)]
mod server;
#[cfg(shuttle)]
mod source;
#[cfg(shuttle)]
mod store;
#[cfg(shuttle)]
mod world;
