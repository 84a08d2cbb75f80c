//! A model of `Keeper`: its state as seen from outside, and the promises that every call has to keep.
//!
//! `tests/model.rs` drives it with proptest, and the fuzz target `keeper` with libFuzzer.

pub(crate) mod call;
mod changes;
mod clocks;
mod events;
pub(crate) mod model;
mod observed;
mod outcomes;
mod setup;
