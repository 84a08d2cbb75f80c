//! The fuzz target `key_set`.
#![cfg_attr(fuzzing, no_main)]

edge_oauth_fuzz::fuzz_target!(key_set);
