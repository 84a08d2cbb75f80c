//! The fuzz target `stored_entry`.
#![cfg_attr(fuzzing, no_main)]

edge_oauth_fuzz::fuzz_target!(stored_entry);
