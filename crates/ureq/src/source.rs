//! The driver's source over this transport.

use crate::transport::UreqTransport;

/// A token that stays usable, over ureq. Clones share one token.
pub type TokenSource = edge_oauth_driver::blocking::TokenSource<UreqTransport>;
