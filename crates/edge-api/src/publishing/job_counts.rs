//! The number of jobs in each status.

use crate::http::decode_error::DecodeError;
use crate::http::response::ApiResponse;

/// The number of jobs in each status. A status that the service leaves out counts as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobCounts {
    /// `queued`.
    pub queued: u64,
    /// `running`.
    pub running: u64,
    /// `canceling`.
    pub canceling: u64,
    /// `canceled`.
    pub canceled: u64,
    /// `failed`.
    pub failed: u64,
    /// `completed`.
    pub completed: u64,
}

impl JobCounts {
    pub(crate) fn read(response: &ApiResponse<'_>) -> Result<Self, DecodeError> {
        let counts = response.object()?.object("counts");
        let counts = counts.ok_or(DecodeError::member(
            "counts",
            "is missing, or not an object",
        ))?;
        let count = |name| Ok(counts.count(name)?.unwrap_or_default());
        Ok(Self {
            queued: count("queued")?,
            running: count("running")?,
            canceling: count("canceling")?,
            canceled: count("canceled")?,
            failed: count("failed")?,
            completed: count("completed")?,
        })
    }
}
