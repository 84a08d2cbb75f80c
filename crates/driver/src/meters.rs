//! Metrics, if the feature `metrics` is on: the one place that makes metrics of events.
//!
//! Nothing here is called for a cached token. `docs/guide/metrics.md` lists the names and the labels, and
//! `tests/metrics.rs` compares it with what is recorded.

#[cfg(not(feature = "metrics"))]
mod off;
#[cfg(feature = "metrics")]
mod on;
#[cfg(feature = "metrics")]
mod series;
#[cfg(feature = "metrics")]
mod table;

#[cfg(not(feature = "metrics"))]
pub(crate) use off::{Meters, Waiting};
#[cfg(feature = "metrics")]
pub(crate) use on::{Meters, Waiting};
