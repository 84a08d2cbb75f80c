//! The two clocks of the model, and the time that really passed.

use std::time::Duration;

use edge_oauth_no_io::Moment;

/// Both clocks, and what they can tell of the time that passed.
pub(super) struct Clocks {
    pub(super) now: Moment,
    /// The time that passed, as far as the clocks can tell: running, sleeping, and steps forward.
    pub(super) elapsed: Nanos,
    /// False once a clock has run back or come to its end.
    pub(super) steady: bool,
}

impl Clocks {
    pub(super) fn new() -> Self {
        Self {
            now: Moment {
                monotonic: Duration::from_secs(1_000),
                wall: Duration::from_secs(1_800_000_000),
            },
            elapsed: 0,
            steady: true,
        }
    }

    pub(super) fn pass(&mut self, by: Duration) {
        let ends = self.now.monotonic.checked_add(by).is_none();
        self.steady &= !ends && self.now.wall.checked_add(by).is_some();
        let before = self.now;
        self.now = self.now.after(by);
        let passed = self.now.monotonic - before.monotonic;
        self.elapsed += passed.max(self.now.wall - before.wall).as_nanos();
    }

    pub(super) fn sleep(&mut self, by: Duration) {
        let wall = self.now.wall.checked_add(by);
        self.steady &= wall.is_some();
        let wall = wall.unwrap_or(Duration::MAX);
        self.elapsed += (wall - self.now.wall).as_nanos();
        self.now.wall = wall;
    }

    pub(super) fn set_back(&mut self, by: Duration) {
        self.now.wall = self.now.wall.saturating_sub(by);
    }

    pub(super) fn run_back(&mut self, by: Duration) {
        self.now.monotonic = self.now.monotonic.saturating_sub(by);
        self.steady = false;
    }
}

/// Many long sleeps are longer than a `Duration` can be.
pub(super) type Nanos = u128;
