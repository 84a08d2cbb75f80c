//! The fuzz target `explain`.
#![cfg_attr(fuzzing, no_main)]

edge_oauth_fuzz::fuzz_target!(explain);
