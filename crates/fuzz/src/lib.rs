//! What holds for any bytes: a function per fuzz target, which panics where a promise is broken.
//!
//! `fuzz/` hands them what libFuzzer makes up, and `tests/corpus.rs` what stands in `fuzz/corpus`, so that
//! an input that once broke something is tried by every `cargo test`.
//!
//! A new target is a file here, a line in [`TARGETS`], a file in `fuzz/fuzz_targets`, its `[[bin]]` in
//! `fuzz/Cargo.toml`, and a folder in `fuzz/corpus`.
#![allow(
    clippy::unwrap_used,
    reason = "a target panics where something is wrong"
)]

mod answer;
mod call;
mod claims;
mod config;
mod decode;
mod explain;
mod keeper;
mod message;
mod model;
mod operations;
mod quota;
mod retry_after;

pub use answer::answer;
pub use claims::claims;
pub use config::config;
pub use explain::explain;
pub use keeper::keeper;
pub use operations::operations;
pub use quota::quota;
pub use retry_after::retry_after;

/// A target takes any bytes, and panics where a promise is broken.
pub type Target = fn(&[u8]);

/// Every target, by the name of its folder in `fuzz/corpus`.
pub const TARGETS: [(&str, Target); 8] = [
    ("answer", answer),
    ("claims", claims),
    ("config", config),
    ("explain", explain),
    ("keeper", keeper),
    ("operations", operations),
    ("quota", quota),
    ("retry_after", retry_after),
];
