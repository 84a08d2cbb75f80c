//! One call of an API that the caller may repeat, and why it failed.

use edge_oauth_driver::CallError;
use edge_oauth_no_io::{ApiError, RetryAfter, TransportErrorKind};

use crate::error::CliError;

/// A failed call, with what decides about another one.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: CliError,
    /// True if the same call may succeed later.
    pub(crate) is_transient: bool,
    /// True if the call may have taken effect.
    pub(crate) is_unknown: bool,
    pub(crate) retry_after: Option<RetryAfter>,
}

impl Failed {
    /// Returns what decides, with the error for people that `describe` makes.
    pub(crate) fn new(error: CallError, describe: impl FnOnce(CallError) -> CliError) -> Self {
        let is_unknown = match &error {
            CallError::Transport(error) => matches!(
                error.kind(),
                TransportErrorKind::Timeout | TransportErrorKind::Closed
            ),
            CallError::Api(error @ ApiError::ErrorResponse { .. }) => {
                error.status().is_server_error()
            }
            // A success that cannot be read.
            CallError::Api(_) => true,
            _ => false,
        };
        Self {
            is_transient: error.is_transient(),
            is_unknown,
            retry_after: error.retry_after(),
            error: describe(error),
        }
    }
}
