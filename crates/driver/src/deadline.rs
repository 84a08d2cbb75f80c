//! One time bound for a whole call.

use std::time::Duration;

use edge_oauth_no_io::{Caller, Moment};

/// The end of one call, by the monotonic clock.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Duration);

impl Deadline {
    pub(crate) fn new(now: Moment, max_wait: Duration) -> Self {
        Self(now.monotonic.saturating_add(max_wait))
    }

    pub(crate) fn left(self, now: Moment) -> Duration {
        self.0.saturating_sub(now.monotonic)
    }

    pub(crate) fn caller(self, now: Moment) -> Caller {
        Caller::new().max_wait(self.left(now), now)
    }
}
