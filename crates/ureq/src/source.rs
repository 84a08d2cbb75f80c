//! The driver's source with this crate's runtime.

/// Keeps a token valid for threads. Clones share one token.
pub type TokenSource = edge_oauth_driver::blocking::TokenSource;
