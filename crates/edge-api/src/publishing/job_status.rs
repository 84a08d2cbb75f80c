//! The status of a publishing job.

use std::fmt;

/// The status of a publishing job.
///
/// ```
/// use experience_edge_api::JobStatus;
///
/// assert_eq!(JobStatus::from("completed"), JobStatus::Completed);
/// assert!(JobStatus::Completed.is_final() && !JobStatus::Canceling.is_final());
/// assert!(!JobStatus::from("Paused").is_final());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobStatus {
    /// The job waits, such as for the end of another job.
    Queued,
    /// The job publishes.
    Running,
    /// The job is about to be canceled.
    Canceling,
    /// The job has ended. Some of its items may have failed.
    Completed,
    /// The job has ended with an error.
    Failed,
    /// The job was canceled.
    Canceled,
    /// Another status, as the service spells it. Empty if the service names none.
    Other(String),
}

impl JobStatus {
    /// Returns the service's name of the status.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Canceling => "Canceling",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
            Self::Other(text) => text,
        }
    }

    /// Returns whether the job has ended. A status that is unknown here is no end.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled)
    }
}

impl From<&str> for JobStatus {
    /// Reads the service's name of a status, in any letter case.
    fn from(text: &str) -> Self {
        [
            Self::Queued,
            Self::Running,
            Self::Canceling,
            Self::Completed,
            Self::Failed,
            Self::Canceled,
        ]
        .into_iter()
        .find(|status| status.as_str().eq_ignore_ascii_case(text))
        .unwrap_or_else(|| Self::Other(text.to_owned()))
    }
}

impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
