//! The values that the model keeps of a keeper.

use std::time::Duration;

use edge_oauth_no_io::{AccessToken, Acquisition, Step};

use super::clocks::Nanos;

/// An acquisition whose request was sent.
pub(super) struct Flight {
    pub(super) acquisition: Acquisition,
    /// A time of the monotonic clock.
    pub(super) sent: Duration,
    /// In elapsed time.
    pub(super) started: Nanos,
    pub(super) timeout: Duration,
    /// The generation of its configuration.
    pub(super) generation: u64,
    /// Its place in the order of acquisitions.
    pub(super) number: u64,
}

/// A token that the keeper has had.
pub(super) struct Known {
    pub(super) token: AccessToken,
    /// The acquisition that brought it; 0 for a restored token, which is older than all.
    pub(super) number: u64,
    /// From here on, in elapsed time, it must not be handed out.
    pub(super) expires: Nanos,
    /// Before this, in elapsed time, no refresh may start.
    pub(super) earliest_refresh: Nanos,
    /// True if it is no longer cached, and must not come back.
    pub(super) gone: bool,
}

/// The kind of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum StepKind {
    Use,
    Refresh,
    Send,
    Wait,
    Fail,
}

impl StepKind {
    pub(super) fn from_step(step: &Step) -> Self {
        match step {
            Step::Use(_) => Self::Use,
            Step::Refresh { .. } => Self::Refresh,
            Step::Send(_) => Self::Send,
            Step::Wait { .. } => Self::Wait,
            Step::Fail(_) => Self::Fail,
        }
    }

    pub(super) fn starts_a_request(self) -> bool {
        matches!(self, Self::Refresh | Self::Send)
    }
}
