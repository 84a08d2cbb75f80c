//! The driver's source over this transport.

use crate::transport::ReqwestTransport;

/// A token that stays usable, over reqwest. Clones share one token.
pub type TokenSource = edge_oauth_driver::nonblocking::TokenSource<ReqwestTransport>;
