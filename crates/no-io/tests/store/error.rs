//! The error of a store.

use edge_oauth_no_io::StoreError;

#[test]
fn errors_are_equal_if_they_say_the_same_about_the_same() {
    let missing = StoreError::missing_key("set a key");
    assert!(missing.is_missing_key());
    assert_eq!(missing.detail(), "set a key");
    let other = StoreError::new("set a key");
    assert!(!other.is_missing_key());
    assert_ne!(missing, other);
    assert_eq!(missing, StoreError::missing_key("set a key"));
    assert_ne!(other, StoreError::new("set another key"));
    assert_eq!(other, StoreError::new("set a key").with_source("a cause"));
}
