//! The driver's source over this transport.

use crate::transport::SurfTransport;

/// A token that stays usable, over surf. Clones share one token.
pub type TokenSource = edge_oauth_driver::nonblocking::TokenSource<SurfTransport>;
