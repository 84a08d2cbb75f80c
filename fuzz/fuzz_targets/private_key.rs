//! The fuzz target `private_key`.
#![cfg_attr(fuzzing, no_main)]

edge_oauth_fuzz::fuzz_target!(private_key);
