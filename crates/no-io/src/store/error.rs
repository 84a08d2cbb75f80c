//! The error of a shared store.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::printable::printable;

/// A call to a shared store failed or took too long.
///
/// No caller of a token source gets this error: the token request is made without the store, and the error is part of
/// an event. The detail is printed in logs, so it must not contain a key or an entry. It is made printable and cut at
/// 256 bytes.
///
/// ```
/// use edge_oauth_no_io::StoreError;
///
/// let error = StoreError::new("READONLY You can't write against a read only replica.");
/// assert_eq!(error.to_string(), "the shared store failed: READONLY You can't write against a read only replica.");
/// ```
#[derive(Clone, Debug)]
pub struct StoreError {
    detail: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
    is_missing_key: bool,
}

impl StoreError {
    /// Returns an error with this detail.
    pub fn new(detail: impl fmt::Display) -> Self {
        Self {
            detail: printable(&detail.to_string(), DETAIL_LIMIT),
            source: None,
            is_missing_key: false,
        }
    }

    /// Returns the error of a configuration that has nothing to seal its entries with. `detail` says what to do.
    pub fn missing_key(detail: impl fmt::Display) -> Self {
        Self {
            is_missing_key: true,
            ..Self::new(detail)
        }
    }

    /// Returns whether the configuration has nothing to seal its entries with.
    pub fn is_missing_key(&self) -> bool {
        self.is_missing_key
    }

    /// Returns the error of a call that had no result within its timeout.
    pub fn timeout() -> Self {
        Self::new("no result within the timeout")
    }

    /// Returns the detail.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Adds the cause. It is part of the printed error chain, so it must not contain a key or an entry.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }
}

/// Two errors are equal if they say the same about the same; the causes are not compared.
impl PartialEq for StoreError {
    fn eq(&self, other: &Self) -> bool {
        self.detail == other.detail && self.is_missing_key == other.is_missing_key
    }
}

impl Eq for StoreError {}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the shared store failed: {}", self.detail)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

const DETAIL_LIMIT: usize = 256;
