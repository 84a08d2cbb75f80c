//! The driver's source with tokio as its runtime.

use crate::hyper::runtime::Tokio;

/// Keeps a token valid for tasks on tokio. Clones share one token.
pub type TokenSource = edge_oauth_driver::nonblocking::TokenSource<Tokio>;
