//! The driver's source with JavaScript's event loop as its runtime.

use crate::runtime::EventLoop;

/// Keeps a token valid for the tasks of a page, a Node program or a Worker. Clones share one token.
pub type TokenSource = edge_oauth_driver::nonblocking::TokenSource<EventLoop>;
