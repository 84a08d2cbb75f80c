//! Error responses of other processes.

use std::time::Duration;

/// An error response of another process that is the outcome of an acquisition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SharedError {
    pub(crate) number: u64,
    /// The time until it is over.
    pub(crate) left: Duration,
    /// False if the keeper counted it before.
    pub(crate) is_new: bool,
}

/// The error responses that a claim asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Errors {
    /// An error response of any age, since the server's wait may apply to this process.
    All,
    /// Those that arrived while this process or its caller was there.
    Witnessed,
    /// None: the last one was a fault of another process, and this one has no token to wait with.
    None,
}
