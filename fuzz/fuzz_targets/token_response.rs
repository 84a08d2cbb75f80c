//! The fuzz target `token_response`.
#![cfg_attr(fuzzing, no_main)]

edge_oauth_fuzz::fuzz_target!(token_response);
