//! The fuzz target `operations`.
#![cfg_attr(fuzzing, no_main)]

edge_oauth_fuzz::fuzz_target!(operations);
