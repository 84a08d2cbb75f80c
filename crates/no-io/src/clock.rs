//! A point in time that the caller reads off its clocks.

use std::time::Duration;

/// A reading of the caller's two clocks.
///
/// The monotonic clock runs evenly. It may stand still while a laptop sleeps or a virtual machine is
/// frozen; a clock that counts suspend is better. The wall clock goes on then, and may be set forward
/// or back. Neither alone can tell whether a token is still valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since any fixed point, such as the start of the program.
    pub monotonic: Duration,
    /// Since the Unix epoch.
    pub wall: Duration,
}

impl Moment {
    /// This much later by both clocks.
    pub fn after(self, by: Duration) -> Self {
        Self {
            monotonic: self.monotonic.saturating_add(by),
            wall: self.wall.saturating_add(by),
        }
    }

    /// Returns whether either clock says that `deadline` is reached.
    #[inline]
    pub fn has_reached(self, deadline: Self) -> bool {
        self.monotonic >= deadline.monotonic || self.wall >= deadline.wall
    }
}
