//! The fuzz target `assertion`.
#![cfg_attr(fuzzing, no_main)]

edge_oauth_fuzz::fuzz_target!(assertion);
