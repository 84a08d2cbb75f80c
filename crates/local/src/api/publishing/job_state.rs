//! The states of a publishing job, and the clock that moves it.

use std::time::Duration;

/// A state, with the times of the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobState {
    Queued,
    Running {
        start: Duration,
    },
    Canceling {
        start: Option<Duration>,
        since: Duration,
    },
    Ended {
        start: Option<Duration>,
        finish: Duration,
        end: JobEnd,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobEnd {
    Completed,
    Failed,
    Canceled,
}

/// The time that jobs take. A job waits for a quarter of it, and a cancellation takes a tenth of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JobTimes {
    pub(crate) run: Duration,
}

impl JobTimes {
    fn wait(self) -> Duration {
        self.run / 4
    }

    fn cancel(self) -> Duration {
        self.run / 10
    }
}

impl JobState {
    /// Returns the state at `now`. The job was created at `queued`, and the job before it ended at `free`, or has not
    /// ended. `end` is the end that the job comes to by itself.
    pub(crate) fn at(
        self,
        now: Duration,
        queued: Duration,
        free: Option<Duration>,
        times: JobTimes,
        end: JobEnd,
    ) -> Self {
        let state = match (self, free) {
            (Self::Queued, Some(free)) => {
                let start = queued.saturating_add(times.wait()).max(free);
                match now >= start {
                    true => Self::Running { start },
                    false => self,
                }
            }
            (state, _) => state,
        };
        match state {
            Self::Running { start } if now >= start.saturating_add(times.run) => Self::Ended {
                start: Some(start),
                finish: start.saturating_add(times.run),
                end,
            },
            Self::Canceling { start, since } if now >= since.saturating_add(times.cancel()) => {
                Self::Ended {
                    start,
                    finish: since.saturating_add(times.cancel()),
                    end: JobEnd::Canceled,
                }
            }
            state => state,
        }
    }

    /// Returns the service's name of the state.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Running { .. } => "Running",
            Self::Canceling { .. } => "Canceling",
            Self::Ended { end, .. } => match end {
                JobEnd::Completed => "Completed",
                JobEnd::Failed => "Failed",
                JobEnd::Canceled => "Canceled",
            },
        }
    }

    pub(crate) fn start(self) -> Option<Duration> {
        match self {
            Self::Queued => None,
            Self::Running { start } => Some(start),
            Self::Canceling { start, .. } | Self::Ended { start, .. } => start,
        }
    }

    pub(crate) fn finish(self) -> Option<Duration> {
        match self {
            Self::Ended { finish, .. } => Some(finish),
            _ => None,
        }
    }
}
