#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| edge_oauth_fuzz::explain(bytes));
