//! The fuzz target `retry_after`.
#![cfg_attr(fuzzing, no_main)]

edge_oauth_fuzz::fuzz_target!(retry_after);
