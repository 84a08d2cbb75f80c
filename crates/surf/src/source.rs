//! The driver's source with async-std as its runtime.

use crate::runtime::AsyncStd;

/// Keeps a token valid for tasks on async-std. Clones share one token.
pub type TokenSource = edge_oauth_driver::nonblocking::TokenSource<AsyncStd>;
