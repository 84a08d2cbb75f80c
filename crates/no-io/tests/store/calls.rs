//! Claims, finishes and errors, and their conversion.

use std::time::Duration;

use edge_oauth_no_io::{Claimed, Found, Share, StoreError};

use crate::setup::{SECOND, START, error, finish};

#[test]
fn results_and_calls_are_converted_with_their_number() {
    let found = Found::Taken {
        number: 7,
        left: SECOND,
        error_response: Some("no"),
    };
    let claimed = Claimed { now: START, found };
    let converted = claimed.map(|number, response| (number, response.len()));
    assert!(matches!(
        converted.found,
        Found::Taken {
            error_response: Some((7, 2)),
            ..
        }
    ));
    let sealed = finish(7, error("no")).try_map(|number, _, hold| match hold {
        Duration::ZERO => Err(()),
        _ => Ok(number),
    });
    assert!(matches!(
        sealed.unwrap().share,
        Share::ErrorResponse { response: 7, .. }
    ));
}

#[test]
fn store_error_is_printable_and_cut() {
    let error = StoreError::new("\u{1b}[2J".to_owned() + &"x".repeat(1_000));
    let text = error.to_string();
    assert!(text.starts_with("the shared store failed: ?[2Jxxx") && text.len() < 300);
    assert_eq!(StoreError::timeout(), StoreError::timeout());
    let caused = StoreError::new("a").with_source(std::io::Error::other("b"));
    let cause = std::error::Error::source(&caused).unwrap();
    assert_eq!(
        (caused.clone(), cause.to_string().as_str()),
        (StoreError::new("a"), "b")
    );
}
