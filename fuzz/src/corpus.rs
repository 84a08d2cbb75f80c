//! The corpus and the vectors as tests: an input that once broke a promise is tried by every `cargo test`.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use crate::TARGETS;
use crate::vectors;

#[test]
fn corpus_breaks_no_promise() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut broken = Vec::new();
    for (name, target) in TARGETS {
        let inputs: Vec<_> = fs::read_dir(corpus.join(name)).unwrap().collect();
        assert!(!inputs.is_empty(), "{name} has no corpus");
        for input in inputs {
            let path = input.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            if catch_unwind(|| target(&bytes)).is_err() {
                broken.push(path);
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn vectors_break_no_promise() {
    for file in ["token-responses", "token-errors", "challenges"] {
        for vector in vectors::read(file) {
            for response in &vector.responses {
                let response = vectors::as_curl(response);
                crate::explain(&response);
                // The other targets read the status alone.
                let message = &response["HTTP/1.1 ".len()..];
                crate::token_response(message);
                crate::challenge(message);
                crate::operations(message);
                crate::retry_after(message);
            }
        }
    }
}
