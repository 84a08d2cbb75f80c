//! What an adapter hands in to have its calls tried.

use edge_oauth_driver::CallError;
use edge_oauth_no_io::{Config, Operation};

/// A token source over a transport under test. One that is asynchronous blocks on its runtime.
pub trait Caller: 'static {
    /// A source that holds nothing yet, with its own, hardened client.
    fn new(config: Config) -> Self;

    /// What the source is for: one call, authorised.
    fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, CallError>;
}
