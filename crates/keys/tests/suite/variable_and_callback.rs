//! Assertions in variables and from closures.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use edge_oauth_keys::{AssertionCallback, AssertionVariable};
use edge_oauth_no_io::{CredentialError, Secret};

use crate::file::{jwt, text};

/// Cargo sets variables for a test, so none has to be set here.
#[test]
fn variable_is_read_and_a_missing_one_is_named() {
    let source = AssertionVariable::new("CARGO_PKG_NAME");
    assert_eq!(text(&source).unwrap(), "edge-oauth-keys");
    let error = text(&AssertionVariable::new("CARGO_PKG_DESCRIPTION")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the variable `CARGO_PKG_DESCRIPTION` has a space")
    );
    let error = text(&AssertionVariable::new("EDGE_OAUTH_NOT_SET")).unwrap_err();
    assert!(!error.is_transient());
    assert!(
        error
            .to_string()
            .contains("`EDGE_OAUTH_NOT_SET` is not set")
    );
    assert!(text(&AssertionVariable::new("")).is_err());
}

#[test]
fn callback_is_called_for_each_attempt_and_its_error_is_kept() {
    let calls = AtomicU32::new(0);
    let source =
        AssertionCallback::new(
            move |_request| match calls.fetch_add(1, Ordering::Relaxed) {
                0 => Err(CredentialError::transient("the vault is sealed")),
                1 => Ok(Secret::new(jwt(r#"{"exp":1000}"#))),
                _ => Ok(Secret::new("opaque")),
            },
        )
        .clock(|| Duration::from_secs(1001));
    assert_eq!(
        text(&source).unwrap_err().to_string(),
        "the vault is sealed"
    );
    assert!(
        text(&source)
            .unwrap_err()
            .to_string()
            .contains("expired 1 s ago")
    );
    assert_eq!(text(&source).unwrap(), "opaque");
}
