//! The driver's source over this transport.

/// Keeps a token valid for threads. Clones share one token.
pub type TokenSource = edge_oauth_driver::blocking::TokenSource;
