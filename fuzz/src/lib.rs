//! The fuzz targets: each is a function that takes any bytes and panics if a promise is broken.
//!
//! ```text
//!   libFuzzer ──▶ fuzz_targets/*.rs ──┐
//!                                     ├──▶ a function of this library
//!   cargo test ──▶ corpus ────────────┘
//! ```
//!
//! To add a target, add its file here, a line in [`TARGETS`], a file in `fuzz_targets`, a `[[bin]]` in `Cargo.toml`, and
//! folders in `corpus` and `dictionaries`.
#![allow(clippy::unwrap_used, reason = "a target panics if a promise is broken")]

mod assertion;
mod challenge;
mod claims;
mod config;
#[cfg(test)]
mod corpus;
mod decode;
mod explain;
mod keeper;
// The model is part of the core's own tests, where proptest drives it.
#[path = "../../crates/no-io/tests/keeper_model/mod.rs"]
mod keeper_model;
mod key_set;
mod message;
mod operations;
mod private_key;
mod quota;
mod retry_after;
mod stored_entry;
mod token_response;
mod urls;
#[cfg(test)]
#[path = "../../vectors/vectors.rs"]
mod vectors;

pub use assertion::assertion;
pub use challenge::challenge;
pub use claims::claims;
pub use config::config;
pub use explain::explain;
pub use keeper::keeper;
pub use key_set::key_set;
#[cfg(fuzzing)]
#[doc(hidden)]
pub use libfuzzer_sys;
pub use operations::operations;
pub use private_key::private_key;
pub use quota::quota;
pub use retry_after::retry_after;
pub use stored_entry::stored_entry;
pub use token_response::token_response;

/// A fuzz target.
pub type Target = fn(&[u8]);

/// Every target, by the name of its folder in `corpus`.
pub const TARGETS: [(&str, Target); 13] = [
    ("assertion", assertion),
    ("challenge", challenge),
    ("claims", claims),
    ("config", config),
    ("explain", explain),
    ("keeper", keeper),
    ("key_set", key_set),
    ("operations", operations),
    ("private_key", private_key),
    ("quota", quota),
    ("retry_after", retry_after),
    ("stored_entry", stored_entry),
    ("token_response", token_response),
];

/// Makes a program of a target. Under `cargo fuzz` libFuzzer runs it. Otherwise it runs over the files of its arguments,
/// which reproduces a finding without libFuzzer: `cargo run -p edge-oauth-fuzz --bin keeper -- FILE`.
#[macro_export]
macro_rules! fuzz_target {
    ($target:ident) => {
        #[cfg(fuzzing)]
        use $crate::libfuzzer_sys;

        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $crate::$target(bytes));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            for file in std::env::args_os().skip(1) {
                $crate::$target(&std::fs::read(file)?);
            }
            Ok(())
        }
    };
}
