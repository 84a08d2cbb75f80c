//! The fuzz target `config`.
#![cfg_attr(fuzzing, no_main)]

edge_oauth_fuzz::fuzz_target!(config);
